// What each shell needs: a script that asks the program at every Tab, and the form in which it reads the answer.
import type { Candidate } from './candidates.ts';

export interface Shell {
  readonly script: (name: string) => string;
  /** One line of the answer. */
  readonly line: (candidate: Candidate) => string;
}

/** The shells that can complete. Where nothing is offered they complete names of files. */
export const SHELLS = {
  bash: { script: bashScript, line: ({ word }) => word },
  // A colon parts the word from what is said of it.
  zsh: { script: zshScript, line: ({ word, about }) => `${word.replaceAll(':', '\\:')}${about && `:${about}`}` },
  fish: { script: fishScript, line: ({ word, about }) => `${word}${about && `\t${about}`}` },
} as const satisfies Record<string, Shell>;

export type ShellName = keyof typeof SHELLS;

function bashScript(name: string): string {
  return `# In ~/.bashrc:  source <(${name} completion bash)
_${name}_completion() {
  local IFS=$'\\n' current=\${COMP_WORDS[COMP_CWORD]}
  [[ $current == = ]] && current=
  COMPREPLY=($(compgen -W "$("\${COMP_WORDS[0]}" completion bash -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)" -- "$current"))
}
complete -o default -F _${name}_completion ${name}
`;
}

function zshScript(name: string): string {
  return `#compdef ${name}
# In ~/.zshrc, after compinit:  source <(${name} completion zsh)
_${name}() {
  local -a candidates
  candidates=("\${(@f)$("\${words[1]}" completion zsh -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "\${candidates[1]}" ]]; then
    _describe ${name} candidates
  else
    _files
  fi
}
compdef _${name} ${name}
`;
}

function fishScript(name: string): string {
  return `# In ~/.config/fish/config.fish:  ${name} completion fish | source
function __${name}_complete
  set -l words (commandline -opc)
  set -l current (commandline -ct)
  set -l candidates ($words[1] completion fish -- $words[2..-1] "$current" 2>/dev/null)
  if test -n "$candidates"
    printf '%s\\n' $candidates
  else
    __fish_complete_path "$current"
  end
end
complete -c ${name} -f -a '(__${name}_complete)'
`;
}
