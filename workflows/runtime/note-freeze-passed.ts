import type { Starter } from '#domain/run/run-input.ts';
import type { Journal } from './journal.ts';

/** Who let the run pass a freeze, and why: be it at its start, or while it waited. */
export function noteFreezePassed(journal: Journal, freeze: number, { by, via, verified, reason }: Starter): void {
  const person = `${by}${verified ? '' : ' (unverified)'}`;
  const data = { freeze, by, via, verified, reason };
  journal.record('freeze-overridden', `freeze overridden by ${person}: ${reason}`, data, 'later');
}
