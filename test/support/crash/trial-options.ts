// What one trial is made of: its devices, and the environment and plan as people would write them.
import { isHit } from '../../../client/devices/simulator/faults.ts';
import { FIRMWARE, VERSIONS } from './world.ts';

export interface TrialOptions {
  /** Prefix of its devices, name of its group and environment. */
  readonly name: string;
  readonly devices: number;
  readonly version: typeof VERSIONS.good | typeof VERSIONS.bad;
  readonly needsApproval: boolean;
  /** Cumulative percentages. */
  readonly waves: readonly number[];
  readonly maximumPerMinute: number | null;
  readonly bake: '0s' | '1s';
  /** Whose word proves a success: the device's report alone, or its shadow as well. */
  readonly confirm: 'succeeded' | 'reported';
  readonly installMs: number;
  readonly rebootMs: number;
}

export const STANDARD_TRIAL = {
  devices: 10,
  version: VERSIONS.good,
  needsApproval: false,
  waves: [20, 60, 100],
  maximumPerMinute: 240,
  bake: '0s',
  confirm: 'succeeded',
  installMs: 200,
  rebootMs: 50,
} as const satisfies Omit<TrialOptions, 'name'>;

/** What the bad version does to a share of the devices. */
const FAULT = 'boot-loop';
const FAILING_PERCENT = 60;

export const FAULTS = [{ mode: FAULT, version: VERSIONS.bad, percent: FAILING_PERCENT }] as const;

/** True for a device that the trial's version breaks. */
export const isBroken = ({ version }: TrialOptions, thing: string): boolean =>
  version === VERSIONS.bad && isHit(thing, FAULT, FAILING_PERCENT);

export const environmentOf = ({ name, needsApproval }: TrialOptions): string =>
  JSON.stringify({
    environments: { [name]: { stage: 'production', device_groups: [name], approval_required: needsApproval } },
    people: { ada: { roles: ['approver'] } },
  });

export const planOf = ({ name, version, waves, maximumPerMinute, bake, confirm }: TrialOptions): string =>
  JSON.stringify({
    name,
    firmware: FIRMWARE,
    firmware_version: version,
    target_environment: name,
    strategy: 'canary',
    waves,
    bake,
    confirm,
    ...(maximumPerMinute !== null && { rate: { maximum_per_minute: maximumPerMinute } }),
    rollback_criteria: { max_failure_rate: 10, minimum_executed: 3 },
  });
