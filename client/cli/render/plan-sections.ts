import { counted } from '#domain/counted.ts';
import { describeStep } from '#domain/plan/describe-step.ts';
import { waveLabel } from '#domain/fleet/waves.ts';
import type { DeviceSelection, FleetPlan, Plan, WaveSelection } from '#domain/plan/plan.ts';
import type { OfferStep, Step } from '#domain/plan/steps.ts';
import { formatDuration } from '#domain/time.ts';
import type { DescribedPlan } from '../../engine/plans/describe-plan.ts';
import { columns } from './columns.ts';

/** Which devices change from what to what; `-` and `+` as in a diff. */
export function renderChanges({ firmware, selection }: FleetPlan): string {
  const leaving = (selection.present ?? []).filter((one) => one.firmware !== firmware.version);
  const changing = devicesToChange(selection);
  const rows = [
    ...leaving.map((one) => ['-', counted(one.devices, 'device'), `${firmware.name} ${one.firmware}`]),
    ['+', counted(changing, 'device'), `${firmware.name} ${firmware.version} for ${firmware.hardware.join(', ')}`],
    ...(selection.alreadyCurrent === 0
      ? []
      : [['=', counted(selection.alreadyCurrent, 'device'), `run ${firmware.version} already and are not touched`]]),
  ];
  const groups = selection.groups.length === 0 ? 'every device' : `group ${selection.groups.join(', ')}`;
  return `${columns(rows)}\n(${groups}, as of now)`;
}

/** Every step in order, waves with their devices, pace, and how many of them must succeed by when. */
export function renderSteps(plan: Plan): string {
  const lines = plan.steps.map((step, at) => {
    const more = detail(plan, step);
    return `${String(at + 1).padStart(2)}  ${describeStep(step)}${more === '' ? '' : ` · ${more}`}`;
  });
  return lines.join('\n');
}

function detail(plan: Plan, step: Step): string {
  switch (step.kind) {
    case 'offer':
      return plan.kind === 'fleet-rollout' ? waveDetail(plan, step) : '';
    case 'verify':
      return `at most ${formatDuration(step.deadlineMs)}`;
    case 'shift':
      return `at most ${formatDuration(step.timeoutMs)}`;
    case 'hook':
      return step.hook.compensation === null ? 'nothing undoes it' : 'undone on the way back';
    case 'gate':
      return step.check.run === 'none' ? 'runs nothing: not evaluated' : '';
    case 'approve':
      return step.policy.expiresInMs === null ? '' : `expires after ${formatDuration(step.policy.expiresInMs)}`;
    case 'deploy':
    case 'bake':
    case 'pull':
    case 'stage':
    case 'retire':
    case 'hold':
      return '';
  }
}

const waveDetail = ({ selection, waves }: FleetPlan, step: OfferStep): string =>
  [offerDetail(step, selection.waveDevices?.[step.wave - 1]), ...chosen(waves[step.wave - 1])].join(' · ');

const MOST_NAMES = 5;

/** What a wave's label leaves out of how it chooses. */
function chosen(wave: WaveSelection | undefined): string[] {
  if (wave?.kind === 'filter' && waveLabel(wave) !== wave.filter) return [wave.filter];
  if (wave?.kind !== 'devices') return [];
  const others = wave.things.length - MOST_NAMES;
  return [`${wave.things.slice(0, MOST_NAMES).join(', ')}${others > 0 ? ` and ${others} more` : ''}`];
}

function offerDetail({ maximumPerMinute, deadlineMs, successThresholdPercent }: OfferStep, devices?: number): string {
  return [
    ...(devices === undefined ? [] : [counted(devices, 'device')]),
    ...(maximumPerMinute === null ? [] : [`at most ${maximumPerMinute}/min`]),
    `${successThresholdPercent} % in ${formatDuration(deadlineMs)}`,
  ].join(', ');
}

/** Bytes, waiting that the plan itself asks for, and how long earlier runs took. */
export function renderPrice({ firmware, selection, steps }: FleetPlan, earlier: DescribedPlan['earlier']): string {
  const devices = devicesToChange(selection);
  const bakesMs = steps.reduce((sum, step) => sum + (step.kind === 'bake' ? step.durationMs : 0), 0);
  const size = formatBytes(firmware.sizeBytes);
  return [
    `up to ${formatBytes(devices * firmware.sizeBytes)} downloaded: ${counted(devices, 'device')}, ${size} each`,
    `${formatDuration(bakesMs)} of bakes; ${earlier ? `earlier runs here took about ${formatDuration(earlier.medianMs)} (${earlier.runs})` : 'no earlier run here tells the whole time'}`,
  ].join('\n');
}

/** What would start a rollback, to which versions, and how long it may take. */
export function renderWayBack(plan: FleetPlan): string {
  const { watch, selection, environment, overrides } = plan;
  const { maxFailureRatePercent: rate, minimumExecuted, onHealthCheckFailure } = watch.criteria;
  const progressMs = plan.steps.find((step) => step.kind === 'offer')?.progressDeadlineMs;
  const triggers = [
    ...(rate === null ? [] : [`more than ${rate} % of at least ${counted(minimumExecuted, 'device')} fail`]),
    ...(onHealthCheckFailure ? watch.healthChecks.map(({ name }) => `health check ${name} fails`) : []),
    ...(progressMs === undefined ? [] : [`no device of a wave begins or ends for ${formatDuration(progressMs)}`]),
  ];
  const versions = (selection.present ?? []).filter(({ firmware }) => firmware !== plan.firmware.version);
  const targets = versions.map(({ firmware, devices }) => `${firmware} (${devices})`).join(', ');
  const answer = environment.autoRollback ? 'rolls back by itself when' : 'pauses and asks when';
  return [
    ...(triggers.length === 0
      ? ['only by command: nothing is watched']
      : [answer, ...triggers.map((one) => `  ${one}`)]),
    `each device returns to its own version: ${targets || 'none has another'}`,
    ...(plan.strategy.kind === 'blue_green'
      ? ['by its other slot, without a download; by an install where that is gone']
      : []),
    `within ${formatDuration(environment.rollbackTimeoutMs)}`,
    ...overrides.map(({ rule, by, reason }) => `! ${rule} accepted by ${by}: ${reason}`),
  ].join('\n');
}

/** Those that the firmware does not fit are offered nothing. */
const devicesToChange = ({ devices, alreadyCurrent, misfits = 0 }: DeviceSelection): number =>
  devices - alreadyCurrent - misfits;

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

function formatBytes(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${Math.round((bytes / 1024 ** power) * 10) / 10} ${UNITS[power] ?? 'B'}`;
}
