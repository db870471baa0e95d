import { Argument, type Command } from 'commander';
import { SHELLS, type ShellName } from '../completion/shells.ts';
import type { RegisterCommands } from '../context.ts';

/** `completion`: what the shells ask at every Tab, and the scripts that make them ask. */
export const registerCompletionCommand: RegisterCommands = (program, context) => {
  program
    .command('completion')
    .description('print the script that completes commands and options in a shell')
    .addArgument(new Argument('<shell>', 'whose script').choices(Object.keys(SHELLS)))
    .argument('[words...]', 'used by the script: what may stand in place of the last of these words')
    .action(async (shell: ShellName, words: readonly string[], _options: object, command: Command) => {
      const { candidates } = await import('../completion/candidates.ts');
      const { script, line } = SHELLS[shell];
      const cli = context(command);
      if (words.length === 0) {
        const text = script(program.name());
        return cli.print({ shell, script: text }, text);
      }
      const offered = candidates(program, words);
      cli.print({ shell, candidates: offered }, offered.map(line).join('\n'));
    });
};
