// Whether a run ended as it should: its journal, its history, its counters, and what the devices themselves wrote down.
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import type { JournalEntry } from '#domain/journal/journal-entry.ts';
import type { Phase } from '#domain/run/run-state.ts';
import { recoverFlash, type LedgerLine } from '../../../client/devices/simulator/flash.ts';
import { listEvents } from '../../../client/engine/runs/follow-events.ts';
import { readRecord } from '../../../client/engine/runs/read-record.ts';
import { eventually } from '../eventually.ts';
import { workflowBundle } from '../runs/run-bundle.ts';
import { readDeviceEnds, readMiscounts, type DeviceEnd } from './run-rows.ts';
import type { Trial } from './trial.ts';
import { VERSIONS } from './world.ts';

// A replay tells of its own worker otherwise.
Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'ERROR' } } });

/** A device that boots when its run ends needs a moment; a worker that was killed has to be back for the record. */
const SETTLED_DEADLINE_MS = 60_000;

/** Everything that is not as it should be; empty when the run ended well in `expected`. */
export async function judge(trial: Trial, expected: Phase): Promise<string[]> {
  const row = await trial.position();
  const phase = row.phase === expected ? [] : [`it ended ${row.phase}, not ${expected}`];
  const journal = await judgeJournal(trial, row.phase);
  const history = await judgeHistory(trial);
  const counters = await readMiscounts(trial.world.pool, trial.run);
  const devices = await settled(() => judgeDevices(trial, row.phase));
  return [...phase, ...journal, ...history, ...counters, ...devices];
}

/** The problems that are left when nothing changes for the better any more. */
async function settled(look: () => Promise<string[]>): Promise<string[]> {
  let problems: string[] = [];
  try {
    await eventually(async () => {
      problems = await look();
      if (problems.length > 0) throw new Error(problems.join('; '));
    }, SETTLED_DEADLINE_MS);
    return [];
  } catch (error) {
    return problems.length > 0 ? problems : [String(error)];
  }
}

async function judgeJournal(trial: Trial, phase: string): Promise<string[]> {
  const { deps } = trial.world;
  const entries = await listEvents(deps, trial.run);
  const gaps = entries.flatMap(({ seq }, at) =>
    seq === at + 1 ? [] : [`journal: ${at + 1} is missing before ${seq}`],
  );
  const ends = entries.filter(({ type }) => type === 'run-ended');
  const [end] = ends;
  return [
    ...gaps.slice(0, 1),
    ...(ends.length === 1 ? [] : [`journal: ${ends.length} final entries`]),
    ...(entries.at(-1)?.type === 'run-ended' ? [] : ['journal: the last entry is not the final one']),
    ...(end === undefined || end.data['phase'] === phase ? [] : [`journal: it ends ${String(end.data['phase'])}`]),
    ...twice(entries),
    ...(await settled(() => compareWithWorkflow(trial, entries))),
  ];
}

/** Commands that stand in the journal more than once. */
function twice(entries: readonly JournalEntry[]): string[] {
  const commands = entries.flatMap(({ data }) => (typeof data['commandId'] === 'string' ? [data['commandId']] : []));
  return commands.filter((id, at) => commands.indexOf(id) !== at).map((id) => `journal: command ${id} counts twice`);
}

async function compareWithWorkflow({ world, started }: Trial, entries: readonly JournalEntry[]): Promise<string[]> {
  const record = await readRecord(await world.deps.temporal(), started.workflowId);
  if (!record) return ['no worker can tell the run’s own record'];
  const differ = record.entries.find(
    (entry, at) => JSON.stringify(entry) !== JSON.stringify(inOrderOf(entry, entries[at])),
  );
  if (record.entries.length === entries.length && !differ) return [];
  return [
    `journal: the workflow has ${record.entries.length} entries, PostgreSQL ${entries.length}; ${differ?.summary ?? ''}`,
  ];
}

/** jsonb sorts keys: `stored` with the keys of `entry` in its order. */
function inOrderOf(entry: JournalEntry, stored: JournalEntry | undefined): unknown {
  return (
    stored && { ...stored, data: Object.fromEntries(Object.keys(entry.data).map((key) => [key, stored.data[key]])) }
  );
}

async function judgeHistory({ world, started }: Trial): Promise<string[]> {
  const client = await world.deps.temporal();
  const history = await eventually(
    () => client.workflow.getHandle(started.workflowId).fetchHistory(),
    SETTLED_DEADLINE_MS,
  );
  const failed = (history.events ?? []).flatMap(
    ({ workflowTaskFailedEventAttributes: why }) => why?.failure?.message ?? [],
  );
  const problems = failed.map((message) => `a workflow task failed: ${message}`);
  try {
    await Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, history, started.workflowId);
    return problems;
  } catch (error) {
    return [...problems, `its history does not replay: ${String(error)}`];
  }
}

async function judgeDevices(trial: Trial, phase: string): Promise<string[]> {
  const ends = await readDeviceEnds(trial.world.pool, trial.run);
  const lines = trial.devices.ledger();
  const { version, devices } = trial.options;
  const running = runningVersions(lines, ends);
  return [
    ...(ends.length === devices ? [] : [`${ends.length} of ${devices} devices are targets`]),
    ...judgeInstalls(lines, trial),
    ...ends.flatMap((end) => judgeDevice(end, { phase, version, running: running.get(end.thing) ?? VERSIONS.before })),
  ].slice(0, 5);
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
  readonly phase: string;
  readonly version: string;
  readonly running: string;
}

function judgeDevice(end: DeviceEnd, seen: Seen): string[] {
  const { thing, firmware, install, installJobs, wayBackJobs } = end;
  const { running, version } = seen;
  const is = `${thing} runs ${running} (install ${install ?? 'never offered'}, way back ${end.wayBack ?? 'none'})`;
  return [
    ...(installJobs > 1 ? [`${thing} was offered ${version} by ${installJobs} jobs`] : []),
    ...(wayBackJobs > 1 ? [`${thing} was offered a way back by ${wayBackJobs} jobs`] : []),
    ...(isAsItShould(end, seen) ? [] : [`${is} after ${seen.phase}`]),
    ...(firmware === running ? [] : [`${is}, the registry says ${firmware}`]),
  ];
}

function isAsItShould({ install, refusedSuccess }: DeviceEnd, { phase, version, running }: Seen): boolean {
  const isNew = running === version;
  switch (phase) {
    case 'completed':
      return isNew && install === 'SUCCEEDED';
    case 'rolled-back':
      return !isNew;
    case 'cancelled':
      return isNew === (install === 'SUCCEEDED' || refusedSuccess);
    default:
      return true;
  }
}
