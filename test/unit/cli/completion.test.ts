import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, describe, expect, it } from 'vitest';
import { candidates } from '../../../client/cli/completion/candidates.ts';
import { FEATURES } from '../../../client/cli/main.ts';
import { buildProgram } from '../../../client/cli/program.ts';
import { onPath, isExecutable } from '../../../client/engine/stack/components/executables.ts';
import { makeTempFolder } from '../../support/servers/temp-folder.ts';

const silent = { stdout: { write: () => undefined }, stderr: { write: () => undefined }, env: {} };
const program = buildProgram(FEATURES, () => Promise.reject(new Error('nothing is done here')) as never, silent);
const offered = (line: string): string[] => candidates(program, line.split(' ')).map(({ word }) => word);

describe('what is offered', () => {
  it('is each command where one has to come, and each of its verbs after it', () => {
    const visit = (command: Command, line: string): void => {
      if (command.commands.length === 0) return;
      expect(offered(line)).toEqual([...command.commands.map((one) => one.name()), 'help']);
      for (const one of command.commands) visit(one, `${line}${one.name()} `);
    };
    visit(program, '');
  });

  it('is after a dash each option of the command and each global one', () => {
    expect(offered('plan create --')).toEqual(expect.arrayContaining(['--config', '--reason', '--output', '--help']));
    expect(offered('plan create --')).not.toContain('--plan-id');
  });

  it('is in place of a value what the option allows, however the value is given', () => {
    expect(offered('--output ')).toEqual(['text', 'json']);
    expect(offered('run list --output j')).toEqual(['text', 'json']);
    expect(offered('run list --output=')).toEqual(['--output=text', '--output=json']);
    expect(offered('run list --output =')).toEqual(['text', 'json']);
    expect(offered('run list --output = j')).toEqual(['text', 'json']);
  });

  it('is nothing where only a file or a name can stand, so that the shell offers files', () => {
    expect(offered('plan create --config ')).toEqual([]);
    expect(offered('artifact add ')).toEqual([]);
  });

  it('takes the value of an option for no command', () => {
    expect(offered('--as deploy ')).toEqual(offered(''));
    expect(offered('--as deploy run ')).toEqual(offered('run '));
  });

  it('is in place of an argument what the argument allows, and only there', () => {
    expect(offered('completion ')).toEqual(['bash', 'zsh', 'fish']);
  });
});

const folder = makeTempFolder('completion');
afterAll(() => folder.remove());

/** A `sluice` on the PATH, as an installation has it. */
function pathWithSluice(): string {
  const launcher = join(import.meta.dirname, '../../../client/cli/sluice.mjs');
  const program = join(folder.path, 'sluice');
  writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${launcher}" "$@"\n`);
  chmodSync(program, 0o755);
  return `${folder.path}${delimiter}${process.env['PATH'] ?? ''}`;
}

function inShell(shell: string, line: string): string[] {
  const env = { PATH: pathWithSluice(), HOME: folder.path, TERM: 'dumb' };
  const { status, stdout, stderr } = spawnSync(shell, ['-c', line], { env, encoding: 'utf8', cwd: folder.path });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout.split('\n').filter((word) => word !== '');
}

/** A shell that the machine lacks is nobody's fault here. */
const has = (shell: string): boolean => onPath(shell).some(isExecutable);

const IN_SHELLS: Readonly<Record<string, () => void>> = { bash: inBash, zsh: inZsh, fish: inFish };
for (const [shell, tests] of Object.entries(IN_SHELLS)) if (has(shell)) describe(`in ${shell}`, tests);

function inBash(): void {
  const completed = (...words: string[]): string[] =>
    inShell(
      'bash',
      `source <(sluice completion bash)
       COMP_WORDS=(sluice ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}
       $(complete -p sluice | sed 's/.*-F \\([^ ]*\\) .*/\\1/') sluice
       printf '%s\\n' "\${COMPREPLY[@]}"`,
    );

  it('a half-written verb becomes those that begin so', () => {
    expect(completed('deploy', 'r')).toEqual(['resume', 'rollback']);
  });

  it('options and their values are completed too', () => {
    expect(completed('plan', 'create', '--con')).toEqual(['--config']);
    expect(completed('run', 'list', '--output', '=', 'j')).toEqual(['json']);
    expect(completed('run', 'list', '--output', '=')).toEqual(['text', 'json']);
  });
}

function inZsh(): void {
  it('the script has the words and what is said of them', () => {
    const said = inShell(
      'zsh',
      `compdef() { }; _describe() { print -l \${(P)2} }
       source <(sluice completion zsh)
       words=(sluice deploy r); CURRENT=3; _sluice`,
    );
    expect(said).toContain('pause:stop releasing; devices in progress finish');
  });
}

function inFish(): void {
  it('a half-written verb becomes those that begin so, with what is said of them', () => {
    const said = inShell('fish', 'sluice completion fish | source; complete -C "sluice deploy r"');
    expect(said.map((line) => line.split('\t')[0])).toEqual(['resume', 'rollback']);
  });
}
