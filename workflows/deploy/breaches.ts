import { describeBreach, describeCriteria, type Breach } from '#domain/fleet/accept-breach.ts';
import type { Controls } from '../runtime/controls.ts';
import type { RunRecord } from '../runtime/run-record.ts';
import type { Watch } from '../runtime/watch.ts';

/** What a breach does to its run: stops it, or asks a person, who may accept it. */
export class Breaches {
  readonly #record: RunRecord;
  readonly #controls: Controls;
  #standing: Breach | undefined;

  constructor(record: RunRecord, controls: Controls) {
    this.#record = record;
    this.#controls = controls;
  }

  /** Stops the run, or pauses it with the evidence and asks, as its environment wants. */
  meet(breach: Breach): void {
    const { environment } = this.#record.input.plan;
    const summary = describeBreach(breach);
    const evidence = breach.kind === 'unhealthy' ? breach.evidence : null;
    this.#record.journal.record('breach', summary, { evidence });
    if (environment.autoRollback) return this.#controls.stop({ why: 'breach', summary, evidence });
    this.#standing = breach;
    this.#controls.ask(`${summary}: resume, roll back or cancel?`, environment.rollbackTimeoutMs);
  }

  /** Somebody lets the run go on: what they were asked about stops it no more, as it was seen. */
  accept(by: string, watch: Watch): void {
    const breach = this.#standing;
    if (!breach) return;
    this.#standing = undefined;
    watch.accept(breach);
    const { criteria } = watch;
    this.#record.criteria = criteria;
    const watched = describeCriteria(criteria, this.#record.input.plan.watch.healthChecks.length);
    const summary = `${by} accepts: ${describeBreach(breach)}; watched from now on: ${watched}`;
    this.#record.journal.record('breach-accepted', summary, { by, criteria }, 'later');
  }
}
