// The numbers of the bench and the goals that they miss.
import { CACHED_RUNS } from '../../../workers/orchestrator.worker.ts';
import type { Admissions } from './admissions.ts';
import type { Answered } from './commands.ts';
import { tenths, type Latency } from './latency.ts';
import type { Memory } from './memory.ts';
import type { Parked } from './parked.ts';

const GOALS = { workerMb: 2_000, p99Ms: { few: 100, many: 300 } } as const;
/** What a prototype of the coordinator had, on a machine of its own and with shorter runs: to compare with, no goal. */
const PROTOTYPE = { admissionsPerSecond: 28, eventsPerAdmission: 7 } as const;
/** With more open runs than these the goal of commands is the other one. */
const FEW = 1_000;

export interface Measured {
  readonly runs: number;
  /** Of the machine, at the beginning of the commands to open runs: others may work on it. */
  readonly loadAverage: number;
  readonly startsPerSecond: number;
  /** From the first start until all stood where they wait. */
  readonly parkedAfterSeconds: number;
  readonly parked: Parked;
  readonly worker: { readonly empty: Memory; readonly parked: Memory; readonly afterCommands: Memory };
  readonly temporal: Memory;
  readonly command: {
    /** To one open run while nothing else is there. */
    readonly idle: Latency;
    readonly open: Answered;
  };
  readonly bareUpdate: { readonly idle: Latency; readonly open: Latency };
  readonly admissions: { readonly idle: Admissions; readonly open: Admissions };
  /** Of one run that waits for people, bakes. */
  readonly historyEvents: Readonly<Record<'approval' | 'bake', number>>;
}

export interface Summary extends Measured {
  readonly mbPerCachedRun: number;
  /** p50 and p99 of commands to open runs, over the same of one run alone and of bare updates at the same time. */
  readonly ratio: Readonly<Record<'toIdle' | 'toBareUpdate', { readonly p50: number; readonly p99: number }>>;
  readonly prototype: typeof PROTOTYPE;
  readonly goals: { readonly p99Ms: number; readonly workerMb: number };
  readonly missed: readonly string[];
}

export function summarize(measured: Measured): Summary {
  const { runs, worker, command, bareUpdate } = measured;
  const { all } = command.open;
  const over = (base: Latency) => ({ p50: tenths(all.p50 / base.p50), p99: tenths(all.p99 / base.p99) });
  const goals = { p99Ms: runs <= FEW ? GOALS.p99Ms.few : GOALS.p99Ms.many, workerMb: GOALS.workerMb };
  const mbPerCachedRun = (worker.parked.rssMb - worker.empty.rssMb) / Math.min(runs, CACHED_RUNS);
  return {
    ...measured,
    mbPerCachedRun: Math.round(mbPerCachedRun * 100) / 100,
    ratio: { toIdle: over(command.idle), toBareUpdate: over(bareUpdate.open) },
    prototype: PROTOTYPE,
    goals,
    missed: missedGoals(measured, goals),
  };
}

function missedGoals({ worker, command, admissions }: Measured, goals: Summary['goals']): string[] {
  const { p99 } = command.open.all;
  const peakMb = worker.afterCommands.peakMb;
  return [
    ...(p99 <= goals.p99Ms ? [] : [`p99 of a command ${p99} ms, goal ${goals.p99Ms}`]),
    ...(peakMb < goals.workerMb ? [] : [`worker had ${peakMb} MB, goal ${goals.workerMb}`]),
    ...(admissions.idle.displaced + admissions.open.displaced === 0
      ? []
      : ['runs were admitted out of the order of their starts']),
  ];
}

export function printSummary(summary: Summary, isJson: boolean): void {
  for (const goal of summary.missed) process.stderr.write(`missed: ${goal}\n`);
  if (isJson) {
    process.stdout.write(`${JSON.stringify(summary)}\n`);
    return;
  }
  for (const [name, value] of Object.entries(summary)) {
    process.stdout.write(`${name.padEnd(20)}${typeof value === 'object' ? JSON.stringify(value) : String(value)}\n`);
  }
}
