import { proxyActivities } from '@temporalio/workflow';
import type { JointPlan, PlannedMember } from '#domain/plan/joint-plan.ts';
import type { DeployStep } from '#domain/plan/steps.ts';
import type { MemberActivities, PartOf } from '#domain/ports/member.port.ts';
import type { RunContext } from '../deploy/run-context.ts';
import { following, surveying } from '../runtime/profiles.ts';

type Recorded = Pick<RunContext, 'record'>;

/** The plan of a run that is known to be one of several applications. */
export function jointPlan({ record }: Recorded): JointPlan {
  const { plan } = record.input;
  if (plan.kind === 'joint-release') return plan;
  throw new Error(`a ${plan.kind} has no members`);
}

/** Those of one wave, in the order of the plan. */
export const membersOf = (step: DeployStep, run: Recorded): PlannedMember[] =>
  jointPlan(run).members.filter(({ application }) => step.members.includes(application));

/** Under which name members are started and told, and on whose word. */
export function partOf(run: Recorded): PartOf {
  const { input } = run.record;
  const { by, verified } = input.startedBy;
  return { release: input.run, name: jointPlan(run).release.name, by, verified };
}

/** Starts of runs: short, and never left half-told. */
export const startingActivities = ({ record }: Recorded, summary: string): MemberActivities =>
  proxyActivities<MemberActivities>({ ...surveying, taskQueue: record.input.queues.data, summary });

/** Looks at runs that go on for as long as they like. */
export function followingActivities({ record }: Recorded, summary: string): MemberActivities {
  const { everyMs } = record.input.plan.watch;
  const retry = { ...following.retry, initialInterval: everyMs, maximumInterval: everyMs };
  return proxyActivities<MemberActivities>({ ...following, retry, taskQueue: record.input.queues.data, summary });
}
