import { ActivityFailure, CancellationScope, CancelledFailure, condition, isCancellation } from '@temporalio/workflow';
import type { Interrupt } from '#domain/run/run-view.ts';
import { reasonOf } from './failure-reason.ts';
import type { RunRecord } from './run-record.ts';

/** What a piece of forward work came to. */
export type Forwarded<T> =
  | { readonly kind: 'done'; readonly value: T }
  /** Stopped at a safe point by a pause or a question; run it again after the resume. */
  | { readonly kind: 'held' }
  | { readonly kind: 'interrupted'; readonly interrupt: Interrupt }
  | { readonly kind: 'broken'; readonly reason: string };

/** What a pause does to the target, so that nothing begins there while the run stands still. Both are repeated freely. */
export interface PauseEffects {
  hold(): Promise<void>;
  release(): Promise<void>;
}

/** A question that waits for a person, and how long. Unanswered, it ends the run. */
interface Question {
  readonly summary: string;
  readonly timeoutMs: number;
}

/**
 * Everything forward runs in one cancellable scope. A breach, a command or a cancel may stop it: the first reason wins.
 * A pause only holds the step under way, if that step can be held.
 */
export class Controls {
  readonly #scope = new CancellationScope();
  readonly #record: RunRecord;
  readonly #effects: PauseEffects;
  #holdable: CancellationScope | undefined;
  #safe = true;
  #wanted: { readonly by: string; readonly reason: string } | undefined;
  #question: Question | undefined;

  constructor(record: RunRecord, effects: PauseEffects) {
    this.#record = record;
    this.#effects = effects;
    // Temporal's own cancel; the handler never rejects, a floating rejection would fail the workflow task for ever.
    CancellationScope.current().cancelRequested.catch(() =>
      this.stop({ why: 'cancel', by: 'temporal', reason: 'cancelled in Temporal' }),
    );
  }

  /** Stops all that goes forward; only the first call counts. */
  stop(interrupt: Interrupt): void {
    if (this.#record.interrupt) return;
    this.#record.interrupt = interrupt;
    this.#scope.cancel();
  }

  /** Pauses at the next safe point: at once while nothing is under way. A step that can be held is held. */
  pause(by: string, reason: string): void {
    if (this.#safe) this.#enterPause(by, reason);
    else {
      this.#record.pausing = true;
      this.#wanted = { by, reason };
    }
    this.#holdable?.cancel();
  }

  /** Pauses and asks; without an answer in `timeoutMs` the run is stopped as unanswered. */
  ask(summary: string, timeoutMs: number): void {
    if (this.#record.interrupt) return;
    this.#question = { summary, timeoutMs };
    this.pause('sluice', summary);
  }

  resume(): void {
    this.#question = undefined;
    this.#wanted = undefined;
    this.#record.pausing = false;
    if (this.#record.state.phase === 'paused') this.#record.move({ type: 'resumed' }, 'resumed');
  }

  /** Runs one step forward, after waiting for the end of a pause. Never throws for what stops or breaks a step. */
  async forward<T>(work: () => Promise<T>): Promise<Forwarded<T>> {
    let result: Forwarded<T>;
    try {
      result = await this.#scope.run(async () => {
        await this.#checkpoint();
        if (this.#record.interrupt) return { kind: 'interrupted', interrupt: this.#record.interrupt };
        return { kind: 'done', value: await this.#underWay(work) };
      });
    } catch (error) {
      result = this.#explain(error);
    }
    // It may have ended in the same task as the stop, or swallowed its cancellation.
    return this.#record.interrupt ? { kind: 'interrupted', interrupt: this.#record.interrupt } : result;
  }

  /** Inside a step: work that a pause or a question may cancel and that is repeated after the resume. */
  async holdable<T>(work: () => Promise<T>): Promise<T> {
    const scope = new CancellationScope();
    this.#holdable = scope;
    try {
      if (this.#wanted) scope.cancel();
      return await scope.run(work);
    } catch (error) {
      // A worker that dies before it acknowledged the cancel leaves a time-out instead: held all the same.
      if (scope.consideredCancelled && error instanceof ActivityFailure) throw new CancelledFailure('held');
      throw error;
    } finally {
      this.#holdable = undefined;
    }
  }

  /** Inside a step: waiting at which the run shows as paused at once. */
  async resting<T>(work: () => Promise<T>): Promise<T> {
    this.#safe = true;
    if (this.#wanted) this.#enterPause(this.#wanted.by, this.#wanted.reason);
    try {
      return await work();
    } finally {
      this.#safe = false;
    }
  }

  async #underWay<T>(work: () => Promise<T>): Promise<T> {
    this.#safe = false;
    try {
      return await work();
    } finally {
      this.#safe = true;
    }
  }

  /** True while a pause was accepted that no safe point has come to yet. */
  get isPauseWanted(): boolean {
    return this.#wanted !== undefined || this.#record.state.phase === 'paused';
  }

  async #checkpoint(): Promise<void> {
    while (this.isPauseWanted) {
      if (this.#wanted) this.#enterPause(this.#wanted.by, this.#wanted.reason);
      // Short, and left to end even when the run is stopped meanwhile.
      await CancellationScope.nonCancellable(() => this.#effects.hold());
      if (!(await this.#answered())) return;
      await CancellationScope.nonCancellable(() => this.#effects.release());
    }
  }

  /** Waits for the end of a pause; false when a question got no answer in time, and the run was stopped. */
  async #answered(): Promise<boolean> {
    while (this.#record.state.phase === 'paused') {
      const question = this.#question;
      const changed = (): boolean => this.#record.state.phase !== 'paused' || this.#question !== question;
      if (!question) await condition(changed);
      else if (!(await condition(changed, question.timeoutMs, { summary: 'time to answer the question' }))) {
        this.stop({ why: 'unanswered', summary: question.summary });
        return false;
      }
    }
    return true;
  }

  #enterPause(by: string, reason: string): void {
    this.#wanted = undefined;
    this.#record.pausing = false;
    this.#record.move({ type: 'paused', by, reason }, `paused: ${reason}`);
  }

  #explain(error: unknown): Forwarded<never> {
    if (isCancellation(error)) return { kind: 'held' };
    if (error instanceof ActivityFailure) return { kind: 'broken', reason: reasonOf(error) };
    throw error;
  }
}
