import type { ApprovalDecision } from '#domain/approvals/approval.ts';
import { approverRole } from '#domain/approvals/approver-role.ts';
import type { WaveCounts } from '#domain/fleet/counts.ts';
import type { RollbackCriteria } from '#domain/plan/plan-base.ts';
import type { RunInput } from '#domain/run/run-input.ts';
import { isClosed, type Phase, type RunState } from '#domain/run/run-state.ts';
import { transition, type RunEvent } from '#domain/run/transition.ts';
import { openGates } from '#domain/run/open-gates.ts';
import { firstMembers, firstTraffic, subjectOf, wavesOf } from '#domain/run/run-subject.ts';
import type {
  Interrupt,
  MemberView,
  OpenGate,
  RunView,
  StepView,
  TrafficView,
  WaitingGate,
  WaveView,
} from '#domain/run/run-view.ts';
import type { JournalActivities } from '#domain/ports/journal.port.ts';
import { now } from './clock.ts';
import { CommandIds } from './command-ids.ts';
import { Journal } from './journal.ts';
import { Opening } from './opening.ts';
import { indexRun, showRun } from './visibility.ts';

export interface GateOverrideRecord {
  readonly by: string;
  readonly reason: string;
}

/** Everything one run knows of itself. Changed by the interpreter and by command handlers, read through `view()`. */
export class RunRecord {
  readonly input: RunInput;
  readonly journal: Journal;
  /** Whether it may begin its next effect. */
  readonly opening: Opening;
  readonly startedAt = now();
  readonly overrides = new Map<string, GateOverrideRecord>();
  /** The text of each policy rule that denied a step, by the gate under which it is overridden. */
  readonly deniedRules = new Map<string, string>();
  readonly takenCommands = new CommandIds();
  state: RunState = { phase: 'queued', since: now() };
  step: RunView['step'] = null;
  waiting: WaitingGate | null = null;
  interrupt: Interrupt | null = null;
  pausing = false;
  /** The freeze that somebody let it pass, be it at its start; null: none. */
  freezePassed: number | null;
  openGates: readonly OpenGate[];
  /** What is watched; changed when a person accepts a breach. */
  criteria: RollbackCriteria;
  /** Decisions given before the start; taken by the first gate that asks people. */
  earlyDecisions: readonly ApprovalDecision[];
  /** Given for the last gate that asked people. */
  approvals: readonly ApprovalDecision[] = [];
  /** None where it is no release of several applications. */
  members: readonly MemberView[];
  /** Null where it is a fleet. */
  traffic: TrafficView | null;
  #waves: readonly WaveView[];
  #asksPolicy: boolean;
  #indexedPhase: Phase | undefined;

  constructor(input: RunInput, journal: JournalActivities) {
    this.input = input;
    this.opening = new Opening(input);
    this.#asksPolicy = input.asksPolicy === true;
    if (input.startTold === 'once') this.#indexedPhase = this.state.phase;
    this.freezePassed = input.place?.passesFreeze ?? null;
    this.earlyDecisions = input.decisions;
    this.openGates = openGates(input.plan.steps);
    this.criteria = input.plan.watch.criteria;
    this.members = firstMembers(input.plan);
    this.traffic = firstTraffic(input.plan);
    this.#waves = wavesOf(input.plan);
    this.journal = new Journal(
      input.run,
      (batch) => journal.appendJournal(batch),
      () => this.view(),
    );
  }

  /** Moves the run by `event`; an event that its state does not know is a bug and fails the workflow task. */
  move(event: RunEvent, summary: string): void {
    const result = transition(this.state, event, now());
    if (result.kind === 'illegal') throw new Error(`illegal transition: ${result.event} in ${result.from}`);
    this.state = result.state;
    if (!isClosed(this.state.phase)) {
      this.journal.record('phase-changed', summary, { phase: this.state.phase, event: event.type });
    }
    this.show();
  }

  /** Whether the rules of its environment are asked before each step of the way forward. */
  get asksPolicy(): boolean {
    return this.#asksPolicy;
  }

  /** They are from now on, unless the run is a way back itself. */
  askPolicy(): void {
    if (this.#asksPolicy || this.input.place?.priority === 'rollback') return;
    this.#asksPolicy = true;
    this.journal.record('policy-applies', 'the environment has policy rules now: asked before each further step');
  }

  /** Called when an attempt at a step begins. */
  enter(step: Omit<StepView, 'since'>): void {
    this.step = { ...step, since: now() };
    this.show();
  }

  /** Sets what is known of a wave. */
  noteWave(wave: number, state: WaveView['state'], counts: WaveCounts | null): void {
    this.#waves = this.#waves.map((one) => (one.wave === wave ? { ...one, state, counts: counts ?? one.counts } : one));
    this.show();
  }

  /** Sets what is known of who serves. */
  noteTraffic(change: Partial<TrafficView>): void {
    if (this.traffic) this.traffic = { ...this.traffic, ...change };
    this.show();
  }

  memberNamed(application: string): MemberView | undefined {
    return this.members.find((one) => one.application === application);
  }

  /** Sets what is known of a member. */
  noteMember(application: string, change: Partial<MemberView>): void {
    this.members = this.members.map((one) => (one.application === application ? { ...one, ...change } : one));
    this.show();
  }

  /** Waves that were under way are so no more: the run goes no further. */
  stopWaves(): void {
    this.#waves = this.#waves.map((one) => (one.state === 'offering' ? { ...one, state: 'stopped' } : one));
  }

  /** Writes the run's page in Temporal's UI anew, and what it is found by when its phase changed (an event each). */
  show(): void {
    const view = this.view();
    showRun(view, this.input.plan);
    if (this.#indexedPhase === this.state.phase) return;
    this.#indexedPhase = this.state.phase;
    indexRun(this.state.phase, this.input.plan);
  }

  view(): RunView {
    const { run, plan, digest } = this.input;
    return {
      run,
      planId: plan.planId,
      digest,
      name: plan.name,
      author: plan.author,
      environment: plan.environment.name,
      subject: subjectOf(plan),
      state: this.state,
      step: this.step,
      steps: plan.steps.length,
      startedAt: this.startedAt,
      waiting: this.waiting,
      waves: this.#waves,
      traffic: this.traffic,
      ...(this.members.length > 0 && { members: this.members }),
      interrupt: this.interrupt,
      pausing: this.pausing,
      openGates: this.openGates,
      approverRole: approverRole(plan),
      criteria: this.criteria,
      ...(this.#asksPolicy && { asksPolicy: true }),
    };
  }
}
