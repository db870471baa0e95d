import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JournalEntry } from '#domain/journal/journal-entry.ts';
import type { RunView } from '#domain/run/run-view.ts';
import { createJournalActivities } from '../../../activities/journal/journal.activities.ts';
import { attempt, openFleetWorld, type FleetWorld } from '../../support/fleet/fleet-world.ts';
import { runViewOf } from '../../support/fleet/run-view-builder.ts';

const RUN = 'exe_1';
let world: FleetWorld;

beforeAll(async () => {
  world = await openFleetWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  await world.pool.query('truncate runs, run_events, outbox, plans, plan_approvals, joint_releases');
  const ref = await world.plan(await firmware());
  await world.pool.query(
    `insert into runs (run_id, workflow_id, plan_id, environment, kind, phase, started_by)
     values ($1, $1, $2, 'production', 'fleet-rollout', 'queued', 'ada')`,
    [RUN, ref.planId],
  );
});

let known: Awaited<ReturnType<FleetWorld['addFirmware']>> | undefined;
const firmware = async () => (known ??= await world.addFirmware('1.1.0'));

const entry = (seq: number, type: JournalEntry['type'] = 'step-started', data = {}): JournalEntry => {
  return { seq, at: '2026-01-01T00:00:00.000Z', type, summary: `entry ${seq}`, data };
};

const append = (
  entries: JournalEntry[],
  state: RunView['state'] = { phase: 'running', since: '2026-01-01T00:00:00.000Z' },
) =>
  attempt(createJournalActivities(world).appendJournal, { run: RUN, entries, view: runViewOf(RUN, { state }) }).result;

const seqs = async (): Promise<number[]> => {
  const { rows } = await world.pool.query<{ seq: number }>(
    'select seq from run_events where run_id = $1 order by seq',
    [RUN],
  );
  return rows.map(({ seq }) => seq);
};

async function projection(): Promise<Record<string, unknown> | undefined> {
  const { rows } = await world.pool.query<Record<string, unknown>>(
    `select phase, closed, view_seq, view->'state'->>'phase' as shown, completed_at from runs where run_id = $1`,
    [RUN],
  );
  return rows[0];
}

describe('the journal', () => {
  it('keeps entries in order, with what others are told, and shows the run as it stands', async () => {
    await append([entry(1, 'run-started'), entry(2), entry(3, 'phase-changed', { phase: 'awaiting-approval' })], {
      phase: 'awaiting-approval',
      since: '2026-01-01T00:00:00.000Z',
      gate: 'wave-1',
      expiresAt: null,
    });
    expect(await seqs()).toEqual([1, 2, 3]);
    expect(await projection()).toMatchObject({
      phase: 'awaiting-approval',
      closed: false,
      view_seq: 3,
      completed_at: null,
    });
    const { rows } = await world.pool.query('select seq, topic from outbox where run_id = $1 order by seq', [RUN]);
    expect(rows).toEqual([
      { seq: 1, topic: 'run-started' },
      { seq: 3, topic: 'phase-changed' },
    ]);
  });

  it('is the same when a batch comes twice, or overlaps one that came', async () => {
    await append([entry(1, 'run-started'), entry(2)]);
    await append([entry(1, 'run-started'), entry(2)]);
    await append([entry(2), entry(3, 'breach')]);
    expect(await seqs()).toEqual([1, 2, 3]);
    const { rows } = await world.pool.query('select seq from outbox where run_id = $1 order by seq', [RUN]);
    expect(rows).toEqual([{ seq: 1 }, { seq: 3 }]);
  });

  it('leaves an entry that is there as it is', async () => {
    await append([entry(1)]);
    await append([{ ...entry(1), summary: 'other words' }]);
    const { rows } = await world.pool.query('select summary from run_events');
    expect(rows).toEqual([{ summary: 'entry 1' }]);
  });

  it('does not turn a run back when an older batch comes late', async () => {
    await append([entry(5, 'run-ended')], { phase: 'completed', since: '2026-01-02T00:00:00.000Z' });
    await append([entry(4)]);
    expect(await seqs()).toEqual([4, 5]);
    const completed_at = new Date('2026-01-02T00:00:00.000Z');
    expect(await projection()).toMatchObject({
      phase: 'completed',
      closed: true,
      view_seq: 5,
      shown: 'completed',
      completed_at,
    });
  });

  it('writes nothing at all when a part of it cannot be written', async () => {
    await world.pool.query('alter table outbox add constraint broken check (run_id is null)');
    const failure = {
      type: 'JOURNAL_REJECTED',
      nonRetryable: false,
      message: expect.stringContaining('broken') as string,
    };
    await expect(append([entry(1, 'run-started')])).rejects.toMatchObject(failure);
    await world.pool.query('alter table outbox drop constraint broken');
    expect(await seqs()).toEqual([]);
    expect(await projection()).toMatchObject({ phase: 'queued', view_seq: 0 });
  });

  it('takes what foreign programs said, whatever characters are in it', async () => {
    const said = 'gate said \0\u001b[31m\ud83d';
    const odd = { ...entry(1, 'breach', { why: said }), summary: said };
    await append([odd], { phase: 'rolling-back', since: '2026-01-01T00:00:00.000Z', reason: said });
    const shown = 'gate said \\x00\\x1b[31m\ufffd';
    const { rows } = await world.pool.query('select summary, data from run_events');
    expect(rows).toEqual([{ summary: shown, data: { why: shown } }]);
    const told = await world.pool.query(`select payload->>'summary' as summary from outbox`);
    expect(told.rows).toEqual([{ summary: shown }]);
    const run = await world.pool.query(`select view->'state'->>'reason' as reason from runs`);
    expect(run.rows).toEqual([{ reason: shown }]);
  });

  it('tells who listens, once the entries are there', async () => {
    const listener = new pg.Client({ connectionString: world.databaseUrl });
    await listener.connect();
    await listener.query('listen run_events');
    const heard = new Promise((resolve) => listener.once('notification', ({ payload }) => resolve(payload)));
    await append([entry(1)]);
    expect(await heard).toBe(RUN);
    await listener.end();
  });
});
