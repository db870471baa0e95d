// Runs one command of the set-up to its end and keeps what it said.
import { spawn } from 'node:child_process';

export interface CommandResult {
  readonly code: number;
  /** Both streams, in order of arrival. */
  readonly output: string;
}

/** Never throws for a command that fails or is missing (code 127): the step decides what that means. */
export function runCommand(command: string, args: readonly string[], env = process.env): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    child.once('error', (cause) => resolve({ code: 127, output: cause.message }));
    child.once('close', (code) => resolve({ code: code ?? 1, output: output.trim() }));
  });
}

/** The end of a long output: what a person has to read of it. */
export function lastLines(output: string, count = 12): string {
  return output.split('\n').slice(-count).join('\n');
}
