import type { ApprovalPolicy } from '../approvals/approval.ts';
import { operationOf, waveLabel } from '../fleet/waves.ts';
import type { WaveSelection } from './plan.ts';
import type { ApproveStep, BakeStep, GateStep, OfferStep, Step } from './steps.ts';

/** All that the steps of a fleet rollout follow from, settled. */
export interface FleetStepsInput {
  readonly pre: readonly GateStep[];
  readonly post: readonly GateStep[];
  /** Once the devices are staged, before any is activated. */
  readonly staged: readonly GateStep[];
  readonly waves: readonly WaveSelection[];
  readonly policy: ApprovalPolicy;
  /** Waves (1-based) that wait for an approval of their own. */
  readonly beforeWaves: readonly number[];
  readonly bakeMs: number;
  readonly deadlineMs: number;
  /** Of an activation, in the place of the deadline. */
  readonly switchTimeoutMs: number;
  /** Null: a wave may stand still for as long as it may take. */
  readonly progressDeadlineMs: number | null;
  readonly successThresholdPercent: number;
  readonly maximumPerMinute: number | null;
}

/**
 * `gate* → (approve? → offer → bake)* → gate*`, the last wave baked too. Where slots are filled first:
 * `gate* → approve? → stage → gate* → approve? → activate → bake → gate*`.
 */
export function fleetSteps(input: FleetStepsInput): Step[] {
  return [...input.pre, ...input.waves.flatMap((wave, index) => waveSteps(input, wave, index + 1)), ...input.post];
}

function waveSteps(input: FleetStepsInput, selection: WaveSelection, wave: number): Step[] {
  const label = waveLabel(selection);
  const approve: ApproveStep = {
    kind: 'approve',
    id: `approve-${wave}`,
    opens: `wave ${wave} (${label})`,
    policy: input.policy,
  };
  const operation = operationOf(selection);
  const isActivation = operation === 'activate';
  const offer: OfferStep = {
    kind: 'offer',
    id: `offer-${wave}`,
    wave,
    waves: input.waves.length,
    label,
    ...(operation !== 'install' && { operation }),
    deadlineMs: isActivation ? input.switchTimeoutMs : input.deadlineMs,
    ...(input.progressDeadlineMs !== null && { progressDeadlineMs: input.progressDeadlineMs }),
    successThresholdPercent: input.successThresholdPercent,
    maximumPerMinute: isActivation ? null : input.maximumPerMinute,
  };
  const bake: BakeStep = { kind: 'bake', id: `bake-${wave}`, wave, durationMs: input.bakeMs };
  const after = operation === 'stage' ? input.staged : [bake];
  return [...(input.beforeWaves.includes(wave) ? [approve] : []), offer, ...after];
}
