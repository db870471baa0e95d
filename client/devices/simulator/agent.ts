/** The device's side of the conversation: asks for work, reports, and remembers what the server was told. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from './connection.ts';
import type { Verdict } from './decide.ts';
import { sendReport, verdictReport } from './report.ts';
import type { JobRef, Report, Told } from './report.ts';
import type { DeviceState, World } from './state.ts';
import type { Execution } from './wire.schema.ts';

/** Refusals that repeating at once would only repeat. */
const MALFORMED: ReadonlySet<string> = new Set(['InvalidTopic', 'InvalidJson', 'InvalidRequest']);

export class Agent {
  readonly world: World;
  readonly state: DeviceState;
  readonly connection: Connection;
  readonly signal: AbortSignal;

  constructor(world: World, state: DeviceState, connection: Connection, signal: AbortSignal) {
    this.world = world;
    this.state = state;
    this.connection = connection;
    this.signal = signal;
  }

  /** The execution to work on, `undefined` when there is none. The server counts this question as a boot. */
  startNext(): Promise<Execution | undefined> {
    return this.#ask('start-next');
  }

  /** The first pending execution as it stands, without starting it. */
  describeNext(): Promise<Execution | undefined> {
    return this.#ask('$next/get');
  }

  /** What the server said to the report; after a refusal that names the report itself wrong, only after a pause. */
  async report(report: Report): Promise<Told> {
    const { thing } = this.state.spec;
    const told = await sendReport(this.connection, thing, report);
    const { jobId, status, statusDetails } = report;
    const outcome = told.kind === 'accepted' ? { accepted: true } : { accepted: false, code: told.code };
    this.world.emit({ event: 'reported', thing, jobId, status, ...statusDetails, ...outcome });
    if (told.kind === 'refused' && MALFORMED.has(told.code)) await this.pause(this.world.timings.retryMs);
    return told;
  }

  /** Tells the last word on a job. Accepted or refused, the server has heard it. */
  async conclude(job: JobRef, verdict: Verdict): Promise<void> {
    const { flash } = this.state;
    await this.report(verdictReport(job, verdict, flash.running));
    if (flash.last?.jobId === job.jobId) this.state.isOutcomeTold = true;
  }

  async pause(forMs: number): Promise<void> {
    if (forMs > 0) await sleep(forMs, undefined, { signal: this.signal });
  }

  async #ask(question: 'start-next' | '$next/get'): Promise<Execution | undefined> {
    const { thing } = this.state.spec;
    const answer = await this.connection.ask({ topic: `$aws/things/${thing}/jobs/${question}`, body: {} });
    if (answer.kind === 'accepted') return answer.execution;
    this.world.emit({ event: 'request-refused', thing, code: answer.code });
    await this.pause(this.world.timings.retryMs);
    return undefined;
  }
}
