// Whether each device is where its run's end leaves it, and did nothing more often than it was decided.
import type { Phase } from '#domain/run/run-state.ts';
import { recoverFlash, type LedgerLine } from '../../../client/devices/simulator/flash.ts';
import { readDeviceEnds, type DeviceEnd } from './device-ends.ts';
import { isBroken } from './trial-options.ts';
import type { Trial } from './trial.ts';
import { VERSIONS } from './world.ts';

const TOLD = 5;

export async function judgeDevices(trial: Trial, phase: Phase): Promise<string[]> {
  const ends = await readDeviceEnds(trial.world.pool, trial.run);
  const lines = trial.devices.ledger();
  const { devices } = trial.options;
  const running = runningVersions(lines, ends);
  return [
    ...(ends.length === devices ? [] : [`${ends.length} of ${devices} devices are targets`]),
    ...judgeInstalls(lines, trial),
    ...ends.flatMap((end) => judgeDevice(end, { phase, trial, running: running.get(end.thing) ?? VERSIONS.before })),
  ].slice(0, TOLD);
}

function runningVersions(lines: readonly LedgerLine[], ends: readonly DeviceEnd[]): Map<string, string> {
  const flash = recoverFlash(lines, new Map(ends.map(({ thing }) => [thing, VERSIONS.before])));
  return new Map([...flash].map(([thing, { running }]) => [thing, running]));
}

/** At most one install for each decision: per job, and per version of the run. */
function judgeInstalls(lines: readonly LedgerLine[], { run }: Trial): string[] {
  const installs = lines.filter(({ event }) => event === 'installed');
  const foreign = installs.filter(({ jobId }) => !jobId.startsWith(`${run}-`));
  const byJob = Map.groupBy(installs, ({ thing, jobId }) => `${thing} installed for ${jobId}`);
  const byVersion = Map.groupBy(installs, ({ thing, version }) => `${thing} installed ${version}`);
  return [
    ...foreign.map(({ thing, jobId }) => `${thing} installed for ${jobId}, which is no job of this run`),
    ...[...byJob, ...byVersion].flatMap(([what, times]) => (times.length > 1 ? [`${what} ${times.length} times`] : [])),
  ];
}

interface Seen {
  readonly phase: Phase;
  readonly trial: Trial;
  readonly running: string;
}

const ENDED_BADLY = ['FAILED', 'TIMED_OUT', 'REJECTED'];

function judgeDevice(end: DeviceEnd, seen: Seen): string[] {
  const { thing, firmware, install, wayBack, installJobs, wayBackJobs } = end;
  const { running, trial, phase } = seen;
  const { version } = trial.options;
  const left = end.left === null ? '' : `, ${end.left}`;
  const is = `${thing} runs ${running} (install ${install ?? 'never offered'}, way back ${wayBack ?? 'none'}${left})`;
  // The firmware that they had is good on every device.
  const isBlamed =
    ENDED_BADLY.includes(wayBack ?? '') || (ENDED_BADLY.includes(install ?? '') && !isBroken(trial.options, thing));
  return [
    ...(installJobs > 1 ? [`${thing} was offered ${version} by ${installJobs} jobs`] : []),
    ...(wayBackJobs > 1 ? [`${thing} was offered a way back by ${wayBackJobs} jobs`] : []),
    ...(isBlamed ? [`${is}: nothing is wrong with that device. ${end.lastWord}`] : []),
    ...(isAsItShould(end, seen) ? [] : [`${is} after ${phase}`]),
    ...(firmware === running ? [] : [`${is}, the registry says ${firmware}`]),
  ];
}

function isAsItShould({ install, refusedSuccess, left }: DeviceEnd, { phase, trial, running }: Seen): boolean {
  const isNew = running === trial.options.version;
  switch (phase) {
    case 'completed':
      return isNew && install === 'SUCCEEDED';
    case 'rolled-back':
      return !isNew;
    case 'rollback-incomplete':
      return !isNew || left !== null;
    case 'cancelled':
      return isNew === (install === 'SUCCEEDED' || refusedSuccess);
    default:
      return true;
  }
}
