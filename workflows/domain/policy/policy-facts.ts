import type { ApprovalDecision } from '../approvals/approval.ts';
import type { Environment } from '../environments/environment.ts';
import { executed, failures, type WaveCounts } from '../fleet/counts.ts';
import { ALL_TRAFFIC } from '../containers/route.ts';
import type { DeliveryPlan } from '../plan/plan.ts';
import type { Step } from '../plan/steps.ts';
import type { PlaceWish } from '../coordination/place.ts';
import type { Starter } from '../run/run-input.ts';
import type { TrafficView } from '../run/run-view.ts';
import type { Iso } from '../time.ts';
import { wallClock, type WallClock } from './wall-clock-facts.ts';

/** What a run knows of itself and says to its rules. */
export interface RunFactsForPolicy {
  readonly run: string;
  readonly startedBy: Starter;
  readonly priority: PlaceWish['priority'];
  readonly startedAt: Iso;
  /** 0-based. */
  readonly index: number;
  /** People who approved in it, each once. */
  readonly approvedBy: readonly ApprovalDecision['by'][];
  /** Of all waves so far. */
  readonly counts: WaveCounts;
  /** Null where it is a fleet. */
  readonly traffic: TrafficView | null;
}

/** Everything that a rule may ask, under the names that it asks by. Nothing is ever missing: what does not apply is empty or 0. */
export interface PolicyFacts {
  readonly run: {
    readonly id: string;
    readonly kind: string;
    readonly by: string;
    readonly via: string;
    readonly verified: boolean;
    readonly reason: string;
    readonly priority: string;
    readonly startedAt: Date;
  };
  readonly plan: {
    readonly id: string;
    readonly digest: string;
    readonly name: string;
    readonly author: string;
    readonly application: string;
    readonly firmware: string;
    readonly version: string;
    readonly artifact: string;
    readonly strategy: string;
    readonly steps: number;
    readonly replicas: number;
    readonly devices: number;
    readonly waves: number;
    readonly promotedFrom: string;
  };
  readonly step: {
    readonly kind: string;
    readonly id: string;
    readonly index: number;
    readonly weightPercent: number;
    readonly wave: number;
    readonly gate: string;
    readonly hook: string;
  };
  readonly environment: {
    readonly name: string;
    readonly title: string;
    readonly stage: string;
    readonly target: string;
  };
  readonly now: WallClock;
  readonly approvals: { readonly count: number; readonly people: readonly string[] };
  readonly counts: {
    readonly offered: number;
    readonly inProgress: number;
    readonly succeeded: number;
    readonly failed: number;
    readonly skipped: number;
    readonly failureRatePercent: number;
    readonly instancesWanted: number;
    readonly instancesReady: number;
    readonly weightPercent: number;
  };
}

interface Ground {
  readonly plan: DeliveryPlan;
  readonly digest: string;
  readonly environment: Environment;
  readonly now: Iso;
}

/** The facts of one moment. The step must be one of the plan's. */
export function policyFacts(said: RunFactsForPolicy, ground: Ground): PolicyFacts {
  const { plan, environment, now } = ground;
  const step = plan.steps[said.index];
  if (step === undefined) throw new Error(`plan ${plan.planId} has no step ${said.index}`);
  const { name, title, stage, target } = environment;
  return {
    run: runFacts(said, plan),
    plan: planFacts(ground),
    step: stepFacts(step, said),
    environment: { name, title, stage, target },
    now: wallClock(now, environment.policyTimezone),
    approvals: { count: said.approvedBy.length, people: said.approvedBy },
    counts: countFacts(said),
  };
}

const runFacts = (
  { run, startedBy, priority, startedAt }: RunFactsForPolicy,
  { kind }: DeliveryPlan,
): PolicyFacts['run'] => ({
  id: run,
  kind,
  by: startedBy.by,
  via: startedBy.via,
  verified: startedBy.verified,
  reason: startedBy.reason,
  priority,
  startedAt: new Date(startedAt),
});

function planFacts({ plan, digest }: Ground): PolicyFacts['plan'] {
  const { planId: id, name, author, steps } = plan;
  const common = { id, digest, name, author, steps: steps.length, strategy: plan.strategy.kind };
  const promotedFrom = plan.promotedFrom?.environment ?? '';
  if (plan.kind === 'container-release') {
    const { name: application, version, image, replicas } = plan.application;
    const none = { firmware: '', devices: 0, waves: 0 };
    return { ...common, ...none, application, version, artifact: image.digest, replicas, promotedFrom };
  }
  const { firmware, selection, waves } = plan;
  const { name: firmwareName, version, sha256: artifact } = firmware;
  const { devices } = selection;
  const none = { application: '', replicas: 0 };
  return { ...common, ...none, firmware: firmwareName, version, artifact, devices, waves: waves.length, promotedFrom };
}

const stepFacts = (step: Step, { index, traffic }: RunFactsForPolicy): PolicyFacts['step'] => ({
  kind: step.kind,
  id: step.id,
  index,
  weightPercent: percentOf(step.kind === 'shift' ? step.weightBasisPoints : (traffic?.weightBasisPoints ?? 0)),
  wave: 'wave' in step ? step.wave : 0,
  gate: step.kind === 'gate' ? step.gate : '',
  hook: step.kind === 'hook' ? step.hook.name : '',
});

const percentOf = (basisPoints: number): number => (basisPoints / ALL_TRAFFIC) * 100;

function countFacts({ counts, traffic }: RunFactsForPolicy): PolicyFacts['counts'] {
  const { offered, inProgress, succeeded, skipped } = counts;
  const [failed, ended] = [failures(counts), executed(counts)];
  return {
    offered,
    inProgress,
    succeeded,
    failed,
    skipped,
    failureRatePercent: ended === 0 ? 0 : (failed / ended) * 100,
    instancesWanted: traffic?.instances.wanted ?? 0,
    instancesReady: traffic?.instances.ready ?? 0,
    weightPercent: percentOf(traffic?.weightBasisPoints ?? 0),
  };
}
