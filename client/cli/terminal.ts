import type { Streams } from './interactive/dialogue.ts';

/** A stream of the terminal, as far as the CLI uses it. */
export interface TerminalStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Where a command writes and what it knows of its surroundings; tests give their own. */
export interface Terminal {
  readonly stdout: TerminalStream;
  readonly stderr: TerminalStream;
  readonly env: NodeJS.ProcessEnv;
  /** Where a person is asked; null where nobody can answer. */
  readonly dialogue?: () => Streams | null;
}

/** Whether `stream` may be coloured: a terminal, unless NO_COLOR or a dumb one says otherwise. */
export function allowsColour(stream: TerminalStream, env: NodeJS.ProcessEnv): boolean {
  return stream.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
}
