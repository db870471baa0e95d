import type { ApprovalPolicy } from '../approvals/approval.ts';
import { waveLabel } from '../fleet/waves.ts';
import type { WaveSelection } from './plan.ts';
import type { ApproveStep, BakeStep, GateStep, OfferStep, Step } from './steps.ts';

/** All that the steps of a fleet rollout follow from, settled. */
export interface FleetStepsInput {
  readonly pre: readonly GateStep[];
  readonly post: readonly GateStep[];
  readonly waves: readonly WaveSelection[];
  readonly policy: ApprovalPolicy;
  /** Waves (1-based) that wait for an approval of their own. */
  readonly beforeWaves: readonly number[];
  readonly bakeMs: number;
  readonly deadlineMs: number;
  readonly successThresholdPercent: number;
  readonly maximumPerMinute: number | null;
}

/** `gate* → (approve? → offer → bake)* → gate*`, the last wave baked too. */
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
  const offer: OfferStep = {
    kind: 'offer',
    id: `offer-${wave}`,
    wave,
    waves: input.waves.length,
    label,
    deadlineMs: input.deadlineMs,
    successThresholdPercent: input.successThresholdPercent,
    maximumPerMinute: input.maximumPerMinute,
  };
  const bake: BakeStep = { kind: 'bake', id: `bake-${wave}`, wave, durationMs: input.bakeMs };
  return [...(input.beforeWaves.includes(wave) ? [approve] : []), offer, bake];
}
