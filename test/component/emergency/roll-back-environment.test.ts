// The rollback of a whole environment in which fifty deployments are under way, wait, are paused, ask, and are cut short.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { coordinatorIdOf } from '#domain/coordination/coordinator-input.ts';
import { emergencyWorkflowId, type EmergencyReport } from '#domain/emergency/emergency.ts';
import { openCoordinator } from '../../../activities/adapters/temporal/open-coordinator.ts';
import { queueDocument } from '../../../client/engine/environments/queue-document.ts';
import { readQueue } from '../../../client/engine/environments/read-queue.ts';
import { listEvents } from '../../../client/engine/runs/follow-events.ts';
import { commandRun } from '../../../client/engine/runs/command-run.ts';
import { coordinatorBooks } from '../../../workflows/environments/environment.messages.ts';
import { DEFAULT_QUEUES } from '#domain/queues.ts';
import { EmergencyBed, LIN } from '../../support/emergency/emergency-bed.ts';
import { eventually } from '../../support/eventually.ts';

const NAMES = Array.from({ length: 25 }, (_, at) => `app-${String(at + 1).padStart(2, '0')}`);
/** Five chains of five: of each the last one needs all others. */
const DEPENDENCIES = Object.fromEntries(NAMES.map((name, at) => [name, at % 5 === 0 ? [] : [NAMES[at - 1] ?? '']]));
const UNDER_WAY = NAMES.slice(0, 20);
const NOT_BEGUN = NAMES.slice(20);

const ASKS = { approvals: { quorum: 1, before_waves: [1] } };

let bed: EmergencyBed;
const runs: string[] = [];
const terminated: string[] = [];
let report: EmergencyReport;
let refusal: unknown;
let booksAgain: unknown;
let secondAnswer: unknown;
let queue: unknown;
let priority: number | undefined;

/** Twenty under way, of which three are paused; five that ask people first; twenty-five behind them. */
async function deployAll(): Promise<void> {
  bed.releases.heldVersions.add('1.2');
  const asking: string[] = [];
  for (const name of NOT_BEGUN) asking.push(await bed.deploy(name, '1.4', ASKS));
  for (const run of asking) await bed.until(run, 'asking', ({ phase }) => phase === 'awaiting-approval');
  for (const name of UNDER_WAY) runs.push(await bed.deploy(name, '1.2'));
  for (const run of runs) await bed.until(run, 'at its first effect', ({ view }) => view?.step?.id === 'stage');
  for (const run of runs.slice(0, 3)) await commandRun(bed.deps, 'pauseRun', { run, person: LIN });
  for (const name of NAMES) runs.push(await bed.deploy(name, '1.3'));
  runs.push(...asking);
}

async function terminate(run: string): Promise<void> {
  await bed.client.workflow.getHandle(`deployment/${run}`).terminate('by mistake');
  terminated.push(run);
}

const books = () => bed.client.workflow.getHandle(coordinatorIdOf(bed.environment)).query(coordinatorBooks);

beforeAll(async () => {
  bed = await EmergencyBed.open();
  await bed.applications(DEPENDENCIES);
  await deployAll();
  // The first way back stands still, so that what happens meanwhile happens meanwhile.
  bed.releases.heldVersions.add('1.0');
  await terminate(runs[4] ?? '');
  const { emergency } = await bed.begin();
  await terminate(runs[5] ?? '');
  await eventually(() => expect(bed.releases.staged.at(-1)?.version).toBe('1.0'), 60_000);
  priority = (await bed.client.workflow.getHandle(emergencyWorkflowId(emergency.id)).describe()).priority?.priorityKey;
  queue = queueDocument(await readQueue(bed.deps, bed.environment));
  secondAnswer = await bed.begin({ reason: 'again' });
  refusal = await bed.deploy('app-07', '1.5').catch((error: unknown) => error);
  await bed.client.workflow.getHandle(coordinatorIdOf(bed.environment)).terminate('by mistake');
  const { orchestrator: taskQueue, data } = DEFAULT_QUEUES;
  await openCoordinator(bed.client, { environment: bed.environment, queues: { data }, taskQueue });
  booksAgain = await eventually(async () => {
    const known = await books();
    expect(known.emergency).toBeTruthy();
    return known;
  });
  bed.releases.heldVersions.clear();
  report = await bed.untilEnded(emergency.id);
}, 300_000);
afterAll(() => bed.close());

describe('an environment with fifty deployments that is taken back', () => {
  it('has every application where it was: those under way at the version in use, the others at the one before', async () => {
    const wanted = [...UNDER_WAY.map((name) => [name, '1.1']), ...NOT_BEGUN.map((name) => [name, '1.0'])];
    expect(await bed.inUse()).toEqual(Object.fromEntries(wanted));
    expect(report.left).toEqual([]);
    expect(new Set(report.applications.map(({ state }) => state))).toEqual(new Set(['back']));
  });

  it('has no run left open, and none that waited ever began', async () => {
    expect(runs).toHaveLength(50);
    for (const run of runs) await bed.until(run, 'closed', ({ closed }) => closed);
    expect(bed.releases.staged.filter(({ version }) => ['1.3', '1.4', '1.5'].includes(version))).toEqual([]);
    const { cancelled, 'rolled-back': rolledBack, incomplete, open } = report.runCounts;
    expect({ cancelled, rolledBack, incomplete, open }).toEqual({
      ...{ cancelled: 30, rolledBack: 20 - terminated.length, incomplete: terminated.length, open: 0 },
    });
  });

  it('took each run back that was cut short, by a run of its own', async () => {
    const cut = report.runs.filter(({ end }) => end === 'incomplete').map(({ run }) => run);
    expect(cut.sort()).toEqual([...terminated].sort());
    const brought = report.applications.filter(({ why }) => terminated.some((run) => why.includes(run)));
    expect(brought).toHaveLength(terminated.length);
    for (const { run } of brought) expect(terminated).not.toContain(run);
  });

  it('went back in reverse order of what needs what', () => {
    const back = bed.releases.staged.filter(({ application }) => NOT_BEGUN.includes(application)).slice(-5);
    expect(back.map(({ application }) => application)).toEqual(NOT_BEGUN.toReversed());
  });

  it('was taken back before ordinary work, on a queue of its own', async () => {
    expect(priority).toBe(1);
    const [back] = report.applications.filter(({ application }) => application === 'app-25');
    const described = await bed.client.workflow.getHandle(`deployment/${back?.run ?? ''}`).describe();
    expect(described).toMatchObject({ taskQueue: DEFAULT_QUEUES.emergency, priority: { priorityKey: 1 } });
  });

  it('refused what was started meanwhile, and answered a second command with the first', () => {
    expect(refusal).toMatchObject({ code: 'EMERGENCY_OPEN' });
    expect(secondAnswer).toMatchObject({ isOpenAlready: true, emergency: { id: report.id } });
  });

  it('is shown as such in its queue', () => {
    expect(queue).toMatchObject({ emergency: report.id });
  });

  it('stayed closed when its coordinator lost its books, and is open to everybody now, what went back once it is unpinned', async () => {
    expect(booksAgain).toMatchObject({ emergency: { id: report.id } });
    expect((await books()).emergency ?? null).toBeNull();
    await expect(bed.deploy('app-07', '1.5')).rejects.toMatchObject({ code: 'VERSION_PINNED' });
    await bed.letGo('app-07');
    const next = await bed.deploy('app-07', '1.5');
    await bed.until(next, 'completed', ({ phase }) => phase === 'completed');
  });

  it('has told it all in its journal, and every run who stopped it and why', async () => {
    const told = (await listEvents(bed.deps, report.id)).map(({ type }) => type);
    expect(told[0]).toBe('run-started');
    expect(told.at(-1)).toBe('run-ended');
    expect(told.filter((type) => type === 'rollback-ended')).toHaveLength(5 + terminated.length);
    const [stopped] = report.runs.filter(({ end }) => end === 'rolled-back');
    expect(stopped?.reason).toBe(`lin: it burns (${report.id})`);
  });
});
