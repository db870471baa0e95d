// Commands to random runs by the use cases of the command line.
import type { WorkflowHandle } from '@temporalio/client';
import { ulid } from 'ulid';
import { readCallFailure } from '../../../client/engine/runs/temporal-errors.ts';
import { commandRun, decideGate } from '../../../client/engine/runs/command-run.ts';
import type { EngineDeps } from '../../../client/engine/engine.ts';
import { APPROVER, STARTER, type Started } from './crowd.ts';
import { atRate, latencyOf, type Asked, type Latency } from './latency.ts';
import { BARE_QUEUE, touch } from './bare.workflow.ts';

export interface Pace {
  readonly commands: number;
  readonly perSecond: number;
}

const KINDS = ['pause', 'approve', 'roll back', 'resume'] as const;
export type Kind = (typeof KINDS)[number];

export interface Answered {
  readonly all: Latency;
  readonly byKind: Readonly<Record<Kind, Latency>>;
}

/** In turn: pauses one, approves one, rolls one back, resumes the first; each run is taken for one purpose. */
export async function commandCrowd(deps: EngineDeps, runs: readonly Started[], pace: Pace): Promise<Answered> {
  const rounds = Math.ceil(pace.commands / KINDS.length);
  const mixed = shuffled(runs);
  const approvable = mixed.filter(({ shape }) => shape === 'approval').slice(0, rounds);
  const taken = new Set(approvable);
  const others = mixed.filter((one) => !taken.has(one));
  if (approvable.length < rounds || others.length < 2 * rounds)
    throw new Error(`too few runs for ${pace.commands} commands`);
  const [paused, rolledBack] = [others.slice(0, rounds), others.slice(rounds, 2 * rounds)];
  const took = await atRate(pace, (at, before): Asked => {
    const round = Math.floor(at / KINDS.length);
    const of = (list: readonly Started[], which: number): string => list[which]?.run ?? '';
    switch (KINDS[at % KINDS.length] ?? 'pause') {
      case 'pause':
        return { ask: () => commandRun(deps, 'pauseRun', { run: of(paused, round), person: STARTER }) };
      case 'approve':
        return { ask: () => decideGate(deps, { run: of(approvable, round), person: APPROVER, decision: 'approve' }) };
      case 'roll back':
        return { ask: () => commandRun(deps, 'rollBackRun', { run: of(rolledBack, round), person: STARTER }) };
      case 'resume': {
        const after = before[round * KINDS.length] ?? Promise.resolve();
        return { after, ask: () => commandRun(deps, 'resumeRun', { run: of(paused, round), person: STARTER }) };
      }
    }
  });
  const byKind = KINDS.map((kind, which) => [kind, latencyOf(took.filter((_, at) => at % KINDS.length === which))]);
  return { all: latencyOf(took), byKind: Object.fromEntries(byKind) as Record<Kind, Latency> };
}

/** Pauses and resumes one run. */
export async function commandOne(deps: EngineDeps, run: string, pace: Pace): Promise<Latency> {
  const took = await atRate(pace, (at, before) => {
    const last = before.at(-1);
    const command = at % 2 === 0 ? 'pauseRun' : 'resumeRun';
    return { ...(last && { after: last }), ask: () => commandRun(deps, command, { run, person: STARTER }) };
  });
  return latencyOf(took);
}

/** Updates of a workflow that does nothing, without a database. */
export async function updateBare(deps: EngineDeps, workflowId: string, pace: Pace): Promise<Latency> {
  const client = await deps.temporal();
  const handle = await client.workflow.start('bare', {
    workflowId,
    taskQueue: BARE_QUEUE,
    workflowIdConflictPolicy: 'USE_EXISTING',
  });
  return latencyOf(await atRate(pace, () => ({ ask: () => touchOnce(handle) })));
}

/** Asked again when the server gave it up, as every command is. */
async function touchOnce(handle: WorkflowHandle): Promise<number> {
  const updateId = ulid();
  for (;;) {
    try {
      return await handle.executeUpdate(touch, { updateId });
    } catch (error) {
      if (readCallFailure(error).kind !== 'unreachable') throw error;
    }
  }
}

/** The same order at every run of the bench. */
function shuffled<Item>(items: readonly Item[]): Item[] {
  let state = 20_260_101;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return items
    .map((item) => ({ item, at: random() }))
    .toSorted((one, other) => one.at - other.at)
    .map(({ item }) => item);
}
