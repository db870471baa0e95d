/** Branded identifiers: a plan's id cannot be passed where a run's is meant. */
type Brand<Name extends string> = string & { readonly __brand: Name };

export type PlanId = Brand<'PlanId'>;
/** The run as people write it: `exe_…`. */
export type RunId = Brand<'RunId'>;
export type ThingName = Brand<'ThingName'>;
/** `<run>-w1` for a wave, `<run>-b-<12 hex>` for a way back, `<run>-s-<12 hex>` for one by the other slot; the key (run, step) that stands in every device's job. */
export type JobId = Brand<'JobId'>;
/** Lower-case hex SHA-256, 64 characters. */
export type Sha256 = Brand<'Sha256'>;

const PLAN = /^plan_[0-9A-Za-z]{1,48}$/;
/** Short enough that the longest job id of a run has 64 characters. */
const RUN = /^exe_[0-9A-Za-z]{1,45}$/;
const THING = /^[A-Za-z0-9:_-]{1,128}$/;
const SHA256 = /^[0-9a-f]{64}$/;
/** By the plan's kind. */
const WORKFLOW_PREFIXES = {
  'fleet-rollout': 'fleet-rollout/',
  'container-release': 'deployment/',
  'joint-release': 'release/',
} as const;

export const isPlanId = (text: string): text is PlanId => PLAN.test(text);
const isRunId = (text: string): text is RunId => RUN.test(text);
export const isThingName = (text: string): text is ThingName => THING.test(text);
export const isSha256 = (text: string): text is Sha256 => SHA256.test(text);

/** The run behind what a person typed: `exe_…` or a workflow id such as `fleet-rollout/exe_…`; null when it is neither. */
export function runIdFrom(text: string): RunId | null {
  const prefix = Object.values(WORKFLOW_PREFIXES).find((one) => text.startsWith(one)) ?? '';
  const bare = text.slice(prefix.length);
  return isRunId(bare) ? bare : null;
}

/** The Temporal workflow id of a run of a plan of that kind. */
export const workflowIdOf = (run: RunId, kind: keyof typeof WORKFLOW_PREFIXES): string =>
  `${WORKFLOW_PREFIXES[kind]}${run}`;

/** The job that offers wave `wave` (1-based) of a run. */
export const waveJobId = (run: RunId, wave: number): JobId => `${run}-w${wave}` as JobId;

/** The job that takes devices of a run back to the version whose SHA-256 this is. */
export const wayBackJobId = (run: RunId, ofVersion: Sha256): JobId => `${run}-b-${ofVersion.slice(0, 12)}` as JobId;

/** The job that takes devices of a run back to the other slot, where it holds the version whose SHA-256 this is. */
export const slotBackJobId = (run: RunId, ofVersion: Sha256): JobId => `${run}-s-${ofVersion.slice(0, 12)}` as JobId;
