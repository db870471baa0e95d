import type { Compensation } from '../runtime/compensation.ts';
import { attempt } from './attempt.ts';
import type { RunContext } from './run-context.ts';
import type { Left, Undone } from './run-target.ts';

/** Everything that could not be undone: how much, and why. */
interface TakenBack {
  readonly left: number;
  readonly problems: readonly string[];
}

/** Undoes every registered effect, newest first; one that cannot be undone keeps none of the others. */
export async function takeAllBack(run: RunContext, reason: string): Promise<TakenBack> {
  let left = 0;
  const problems: string[] = [];
  for (let next = run.compensations.pop(); next; next = run.compensations.pop()) {
    const back = await takeBack(run, next, reason);
    left += back.left;
    if (back.problem !== null) problems.push(back.problem);
  }
  return { left, problems };
}

async function takeBack(run: RunContext, entry: Compensation<Undone>, reason: string): Promise<Left> {
  const back = await attempt(() => entry.undo(reason));
  if (back.kind === 'failed') {
    return run.target.leaveBehind(run, entry, `${entry.id} could not be taken back: ${back.why}`);
  }
  const { left, summary, facts } = back.value;
  run.record.journal.record('rollback-ended', summary, facts);
  return { left, problem: left === 0 ? null : summary };
}

export function noteProblem(run: RunContext, compensation: string, problem: string): void {
  run.record.journal.record('compensation-failed', problem, { compensation, why: problem });
}
