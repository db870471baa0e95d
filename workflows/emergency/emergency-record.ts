import { proxyActivities, setHandler } from '@temporalio/workflow';
import {
  NO_RUNS,
  type ApplicationBack,
  type EmergencyInput,
  type EmergencyReport,
  type EmergencyStage,
  type LeftBehind,
} from '#domain/emergency/emergency.ts';
import type { WayBack } from '#domain/emergency/plan-ways-back.ts';
import type { EmergencyActivities, StoppedRuns } from '#domain/ports/emergency.port.ts';
import { now } from '../runtime/clock.ts';
import { Journal } from '../runtime/journal.ts';
import { journaling } from '../runtime/profiles.ts';
import { emergencyReport } from './emergency.messages.ts';

/** What is known of an emergency, and its journal. */
export class EmergencyRecord {
  readonly input: EmergencyInput;
  readonly journal: Journal<EmergencyReport>;
  readonly #startedAt = now();
  readonly #applications = new Map<string, ApplicationBack>();
  #stage: EmergencyStage = 'taking-hold';
  #endedAt: string | null = null;
  #stopped: StoppedRuns = { runs: [], counts: NO_RUNS };
  #left: readonly LeftBehind[] = [];

  constructor(input: EmergencyInput) {
    this.input = input;
    const summary = 'journal and report';
    const { recordEmergency } = proxyActivities<EmergencyActivities>({
      ...journaling,
      taskQueue: input.queue,
      summary,
    });
    this.journal = new Journal<EmergencyReport>(input.id, recordEmergency, () => this.report);
    setHandler(emergencyReport, () => this.report, { description: 'How the rollback of the environment stands' });
  }

  get report(): EmergencyReport {
    const { id, environment, to, startedBy } = this.input;
    return {
      schema: 1,
      id,
      environment,
      to,
      by: startedBy.by,
      reason: startedBy.reason,
      stage: this.#stage,
      startedAt: this.#startedAt,
      endedAt: this.#endedAt,
      runs: this.#stopped.runs,
      runCounts: this.#stopped.counts,
      applications: [...this.#applications.values()],
      left: this.#left,
    };
  }

  get applications(): readonly ApplicationBack[] {
    return [...this.#applications.values()];
  }

  enter(stage: EmergencyStage, summary: string): void {
    this.#stage = stage;
    this.journal.record('step-started', summary, { step: stage });
  }

  /** What became of the runs that were open, as it stands now. */
  noteRuns(stopped: StoppedRuns): void {
    this.#stopped = stopped;
  }

  settle(back: ApplicationBack): void {
    this.#applications.set(back.application, back);
  }

  /** One that is about to go back. */
  await({ application, from, to, why }: WayBack): void {
    this.settle({ application, from, to, state: 'waiting', run: null, startedAt: null, endedAt: null, why });
  }

  change(application: string, over: Partial<ApplicationBack>): void {
    const before = this.#applications.get(application);
    if (before) this.#applications.set(application, { ...before, ...over });
  }

  end(left: readonly LeftBehind[]): void {
    this.#left = left;
    this.#stage = 'ended';
    this.#endedAt = now();
  }
}
