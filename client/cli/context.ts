import type { Command } from 'commander';
import type { EngineDeps, Person } from '../engine/engine.ts';
import type { Settings } from '../engine/settings.ts';
import type { Streams } from './interactive/dialogue.ts';

/** What a command gets besides its own options. Everything that costs time is a function. */
export interface CliContext {
  readonly settings: Settings;
  readonly output: 'text' | 'json';
  /** True when standard output is a terminal with colours allowed (NO_COLOR honoured). */
  readonly colour: boolean;
  readonly interactive: boolean;
  /** Where a person can be asked; null in a pipe. */
  dialogue(): Streams | null;
  /** Opens the direct engine; closed by the CLI when the command ends. */
  deps(): EngineDeps;
  /** Who acts, with the roles of the configuration. */
  person(): Promise<Person>;
  /** Prints the command's result once: `text` for people, or `data` as one JSON document with `--output json`. */
  print(data: unknown, text: string): void;
  /** One line of an output without end: `text`, or `data` as one line of JSON. */
  stream(data: unknown, text: string): void;
  /** A line of progress for people on standard error; silent with `--output json`. */
  note(line: string): void;
  /** The exit code of the process when the command returns normally (default 0). */
  exitWith(code: number): void;
}

/**
 * A feature's commands: adds them to `program`; `context` reads the global options when an action runs.
 * Actions import what they need inside (`await import(…)`), so that `--help` stays quick.
 */
export type RegisterCommands = (program: Command, context: (command: Command) => CliContext) => void;
