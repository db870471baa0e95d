import type { Pool } from '../../../activities/adapters/postgres/pool.ts';
import { readRunDevices, type RunDevice } from '../../../activities/adapters/postgres/run-devices.ts';
import { readRunEvents } from '../../../activities/adapters/postgres/run-events.ts';
import { failures } from '#domain/fleet/counts.ts';
import type { JournalEntry } from '#domain/journal/journal-entry.ts';
import type { Plan } from '#domain/plan/plan.ts';
import type { EngineDeps } from '../engine.ts';
import { loadPeople, type People } from '../environments/load-people.ts';
import { patientRead } from '../patient-read.ts';
import { loadPlan } from '../plans/load-plan.ts';
import { findRun } from './find-run.ts';
import { QueueObserver, type QueuePlace } from './queue-place.ts';
import { FAILED_STATES } from './run-devices.ts';
import { sumCounts } from './run-progress.ts';
import { leftOf } from './status-document.ts';
import { readRunStatus, type RunStatus } from './run-status.ts';

/** What is known of a run at one moment; every view of it is made from this. */
export interface RunFacts {
  readonly status: RunStatus;
  readonly plan: Plan;
  /** The journal so far. */
  readonly events: readonly JournalEntry[];
  readonly people: People;
  readonly examples: DeviceExamples;
  /** Where a queued run stands in the line of its environment; null for every other run, and when nobody can tell. */
  readonly queue: QueuePlace | null;
}

/** A few devices by name, of those that need somebody. */
export interface DeviceExamples {
  readonly failed: readonly RunDevice[];
  readonly left: readonly RunDevice[];
}

const EXAMPLES = 3;
const PAGE = 500;

/** Looks at one run again and again; what does not change is read once, the journal from where it was left. */
export class RunObserver {
  readonly #deps: EngineDeps;
  readonly #run: string;
  readonly #note: (line: string) => void;
  readonly #events: JournalEntry[] = [];
  readonly #queue: QueueObserver;
  #plan: Plan | undefined;

  constructor(deps: EngineDeps, run: string, note: (line: string) => void = () => undefined) {
    this.#deps = deps;
    this.#run = run;
    this.#note = note;
    this.#queue = new QueueObserver(deps);
  }

  /** Throws RUN_NOT_FOUND. A database that is away is waited for. */
  async look(): Promise<RunFacts> {
    const status = await this.#read((pool) => readRunStatus(pool, this.#run));
    this.#plan ??= (await loadPlan(this.#deps, status.row.planId)).plan;
    await this.#readEvents();
    const people = await loadPeople(this.#deps);
    const examples = await this.#read((pool) => examplesOf(pool, status));
    const queue = await this.#queue.placeOf(status.row);
    return { status, plan: this.#plan, events: [...this.#events], people, examples, queue };
  }

  /** Ends what looking has opened. */
  close(): Promise<void> {
    return this.#queue.close();
  }

  async #readEvents(): Promise<void> {
    for (;;) {
      const afterSeq = this.#events.at(-1)?.seq ?? 0;
      const page = await this.#read((pool) => readRunEvents(pool, this.#run, { afterSeq, limit: PAGE }));
      this.#events.push(...page);
      if (page.length < PAGE) return;
    }
  }

  #read<T>(read: (pool: Pool) => Promise<T>): Promise<T> {
    return patientRead(this.#deps, read, this.#note);
  }
}

/** What is known of a run now. Throws RUN_NOT_FOUND. */
export async function loadRunFacts(deps: EngineDeps, text: string): Promise<RunFacts> {
  const { run } = await findRun(deps, text);
  const observer = new RunObserver(deps, run);
  try {
    return await observer.look();
  } finally {
    await observer.close();
  }
}

async function examplesOf(pool: Pool, status: RunStatus): Promise<DeviceExamples> {
  const { run } = status.row;
  const failed = failures(sumCounts(status.waves));
  return {
    failed: failed === 0 ? [] : await readRunDevices(pool, run, { states: FAILED_STATES, limit: EXAMPLES }),
    left: leftOf(status) === 0 ? [] : await readRunDevices(pool, run, { states: ['left'], limit: EXAMPLES }),
  };
}
