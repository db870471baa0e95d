// Commands at a steady rate, each timed from the moment at which it was due: who waits for a slow one before is not hidden.
import { setTimeout as pause } from 'node:timers/promises';

export interface Latency {
  readonly commands: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Something that is asked and answered; `after`: it can only be asked when this was answered. */
export interface Asked {
  readonly after?: Promise<unknown>;
  readonly ask: () => Promise<unknown>;
}

/** Asks `commands` times, `perSecond`; `next` says what, and is handed the answers' promises in order. Milliseconds each took. */
export async function atRate(
  { commands, perSecond }: { readonly commands: number; readonly perSecond: number },
  next: (at: number, before: readonly Promise<number>[]) => Asked,
): Promise<number[]> {
  const beganAt = performance.now();
  const answers: Promise<number>[] = [];
  for (let at = 0; at < commands; at++) {
    const dueAt = beganAt + (at * 1_000) / perSecond;
    await pause(Math.max(0, dueAt - performance.now()));
    const answer = timed(next(at, answers), dueAt);
    // Looked at below: one that fails must not end the bench under the others.
    answer.catch(() => undefined);
    answers.push(answer);
  }
  await Promise.allSettled(answers);
  return Promise.all(answers);
}

async function timed({ after, ask }: Asked, dueAt: number): Promise<number> {
  const wasReadyAt = after === undefined ? 0 : await after.then(() => performance.now());
  await ask();
  return performance.now() - Math.max(dueAt, wasReadyAt);
}

export function latencyOf(took: readonly number[]): Latency {
  const sorted = took.toSorted((one, other) => one - other);
  const rank = (share: number): number => tenths(sorted[Math.ceil(share * sorted.length) - 1] ?? NaN);
  return { commands: sorted.length, p50: rank(0.5), p99: rank(0.99), max: rank(1) };
}

export const tenths = (value: number): number => Math.round(value * 10) / 10;
