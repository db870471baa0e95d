import { shownPlainly } from '#domain/control-characters.ts';
import type { ErrorReport } from '#domain/errors/failure.ts';
import type { CommandName } from '#domain/run/commands.ts';
import type { Journal } from './journal.ts';

/**
 * A signal's sender hears nothing, so a refusal is journaled: the first of its kind, then the 10th, the 100th and so on,
 * each with the next entry that is stored. A program that signals in a loop must not fill the journal, or the history.
 */
export class RefusedSignals {
  readonly #journal: Journal;
  readonly #times = new Map<string, number>();

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  note(command: CommandName, args: unknown, { code, message }: ErrorReport): void {
    // Both of few values, whoever sends: the map stays small.
    const kind = `${command} ${code}`;
    const times = (this.#times.get(kind) ?? 0) + 1;
    this.#times.set(kind, times);
    if (!isPowerOfTen(times)) return;
    const [by, via, commandId] = [textOf(args, 'by'), textOf(args, 'via'), textOf(args, 'commandId')];
    const often = times === 1 ? '' : ` (${times} times by now)`;
    const summary = `${command} by ${by} refused: ${message}${often}`;
    this.#journal.record('command-refused', summary, { command, by, via, commandId, code, times }, 'later');
  }
}

const isPowerOfTen = (count: number): boolean => /^10*$/.test(String(count));

const TEXT_CHARS = 128;

/** What a refused command says of itself may be anything. */
function textOf(args: unknown, field: 'by' | 'via' | 'commandId'): string {
  const value = typeof args === 'object' && args !== null ? (args as Record<string, unknown>)[field] : undefined;
  return typeof value === 'string' ? shownPlainly(value.slice(0, TEXT_CHARS)) : 'unknown';
}
