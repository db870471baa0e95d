import { describeStep } from '#domain/plan/describe-step.ts';
import type { ContainerPlan } from '#domain/plan/container-plan.ts';
import type { JointPlan } from '#domain/plan/joint-plan.ts';
import type { FleetPlan, Plan } from '#domain/plan/plan.ts';

/** What a plan says of itself, each step in the words of `plan show`. */
export const planFacts = (plan: Plan, digest: string, other: Plan) => ({
  plan_id: plan.planId,
  digest,
  name: plan.name,
  description: plan.description,
  author: plan.author,
  environment: plan.environment.name,
  source_environment: plan.sourceEnvironment,
  strategy: plan.strategy.kind,
  steps: Object.fromEntries(plan.steps.map((step) => [step.id, describeStep(step)])),
  // By their names alone two plans that take the same steps in another order would be equal.
  order_of_common_steps: commonSteps(plan, other),
});

const commonSteps = (plan: Plan, other: Plan): string[] => {
  const known = new Set(other.steps.map(({ id }) => id));
  return plan.steps.map(({ id }) => id).filter((id) => known.has(id));
};

/** The very bytes that are delivered. */
export const deliveredFacts = (plan: Plan): Readonly<Record<string, unknown>> =>
  plan.kind === 'fleet-rollout'
    ? firmwareFacts(plan)
    : plan.kind === 'joint-release'
      ? memberFacts(plan)
      : imageFacts(plan);

const memberFacts = ({ members }: JointPlan) =>
  Object.fromEntries(members.map(({ application, version, wave }) => [application, { version, wave }]));

function firmwareFacts({ firmware }: FleetPlan) {
  const { name, version, sha256, sizeBytes, signature, hardware, minimumVersion } = firmware;
  const both = { name, version, digest: `sha256:${sha256}`, size_bytes: sizeBytes };
  return { ...both, signature, hardware, minimum_version: minimumVersion };
}

function imageFacts({ application, present }: ContainerPlan) {
  const { name, version, reference, image } = application;
  const both = { name, version, digest: image.digest, size_bytes: image.sizeBytes };
  return { ...both, reference, image: image.image, pin: image.pin, replaces: present };
}

/** Told elsewhere, or another one with each plan. */
const NO_SETTINGS = ['schema', 'planId', 'kind', 'name', 'description', 'author', 'createdAt', 'sourceEnvironment'];

/**
 * Everything that was settled at planning, under the names of the plan's own document. Of the steps those that the other
 * plan has as well: that it lacks one is said once, not field by field.
 */
export function settings(plan: Plan, other: Plan): Readonly<Record<string, unknown>> {
  const common = commonSteps(plan, other);
  const steps = plan.steps.filter(({ id }) => common.includes(id));
  const settled = { ...without(plan, NO_SETTINGS), environment: without(plan.environment, ['name']), steps };
  if (plan.kind === 'joint-release') return without(settled, ['release', 'members']);
  return plan.kind === 'fleet-rollout'
    ? without(settled, ['firmware'])
    : { ...without(settled, ['present']), application: applicationSettings(plan.application) };
}

const applicationSettings = (application: ContainerPlan['application']) => ({
  ...without(application, ['name', 'version', 'reference', 'image']),
  container: without(application.container, ['image']),
});

const without = (value: object, keys: readonly string[]): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)));
