import type { Compensation } from '../runtime/compensation.ts';
import type { RunContext, RunTarget } from '../deploy/run-context.ts';
import type { Left, Undone } from '../deploy/run-target.ts';
import { noteProblem, takeAllBack } from '../deploy/take-back.ts';
import { runWave } from './steps/deploy-wave.step.ts';

const NOTHING = { hold: async (): Promise<void> => undefined, release: async (): Promise<void> => undefined };

/** Several applications, each brought out by a run of its own. */
export function jointTarget(): RunTarget {
  return {
    noun: 'application',
    // The members of the wave under way go on: a pause only keeps the next wave from beginning.
    pauseEffects: NOTHING,
    isEffect: () => false,
    carriesJournal: () => false,
    runStep: async (step, run) =>
      step.kind === 'deploy'
        ? runWave(step, run)
        : { kind: 'failed', summary: `a release of several applications takes no step of the kind ${step.kind}` },
    promote: null,
    cancel,
    leaveBehind,
    leave,
  };
}

/** Half of a release is nobody's wish: a cancel takes back all of it. */
async function cancel(run: RunContext, reason: string): Promise<string | null> {
  const { left, problems } = await takeAllBack(run, `cancelled: ${reason}`);
  if (left === 0) return null;
  return [`${left} could not be taken back`, ...problems].join('; ');
}

async function leaveBehind(run: RunContext, { id }: Compensation<Undone>, problem: string): Promise<Left> {
  noteProblem(run, id, problem);
  return { left: 1, problem };
}

/** What is out stays out, by name. */
async function leave({ record }: RunContext): Promise<Left> {
  const out = record.members.filter(({ state }) => state !== 'waiting' && state !== 'taken-back');
  const names = out.map(({ application, version, state }) => `${application} ${version} (${state})`);
  return { left: out.length, problem: out.length === 0 ? null : `nothing taken back: ${names.join(', ')}` };
}
