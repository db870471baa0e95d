// What a run's end pins, as its journal is stored: on a real PostgreSQL.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Pin } from '#domain/coordination/holds.ts';
import type { JournalEntry } from '#domain/journal/journal-entry.ts';
import { readHolds } from '../../../activities/adapters/postgres/holds.ts';
import { endPin } from '../../../activities/adapters/postgres/pins.ts';
import { inTransaction } from '../../../activities/adapters/postgres/pool.ts';
import { createJournalActivities } from '../../../activities/journal/journal.activities.ts';
import { attempt, openFleetWorld, type FleetWorld } from '../../support/fleet/fleet-world.ts';
import { runViewOf } from '../../support/fleet/run-view-builder.ts';

const AT = '2026-01-01T00:00:00.000Z';
const ENVIRONMENT = runViewOf('exe_1', {}).environment;
let world: FleetWorld;

beforeAll(async () => {
  world = await openFleetWorld();
});
afterAll(() => world.close());
beforeEach(() =>
  world.pool.query('truncate runs, run_events, outbox, pins, environment_holds, rollback_targets cascade'),
);

const pin = (run: string, versions: readonly string[] = ['1.0.0'], subject = 'shop'): Pin => {
  return { subject, versions, by: 'ada', reason: 'slow', since: AT, run };
};

/** As the activity stores the last batch of a run. */
function end(told: Pin): Promise<unknown> {
  const run = told.run ?? '';
  const entry: JournalEntry = { seq: 1, at: AT, type: 'run-ended', summary: 'rolled back', data: { pin: told } };
  const view = runViewOf(run, { state: { phase: 'rolled-back', since: AT, reason: 'slow' } });
  return attempt(createJournalActivities(world).appendJournal, { run, entries: [entry], view }).result;
}

const unpin = (): Promise<void> =>
  inTransaction(world.pool, (connection) =>
    endPin(connection, { environment: ENVIRONMENT, subject: 'shop', by: 'lin', reason: 'mended' }),
  );

describe('the pin of a run that was taken back', () => {
  it('is in force when its end is stored, with who, why and since when', async () => {
    await end(pin('exe_1'));
    const holds = await readHolds(world.pool, ENVIRONMENT);
    expect(holds).toMatchObject({
      pins: [{ subject: 'shop', versions: ['1.0.0'], by: 'ada', reason: 'slow', since: AT, run: 'exe_1' }],
      recorded: [{ subject: 'shop', run: 'exe_1' }],
    });
    expect(holds.revision).toBeGreaterThan(0);
  });

  it('is set once, however often its end is stored, and not again after it was unpinned', async () => {
    await end(pin('exe_1'));
    await end(pin('exe_1'));
    await unpin();
    await end(pin('exe_1'));
    const holds = await readHolds(world.pool, ENVIRONMENT);
    expect(holds).toMatchObject({ pins: [], recorded: [{ subject: 'shop', run: 'exe_1' }] });
    expect((await world.pool.query('select from pins')).rowCount).toBe(1);
  });

  it('is moved by a later way back to another version', async () => {
    await end(pin('exe_1'));
    await end(pin('exe_2', ['0.9.0']));
    const { pins } = await readHolds(world.pool, ENVIRONMENT);
    expect(pins).toMatchObject([{ versions: ['0.9.0'], run: 'exe_2' }]);
    const { rows } = await world.pool.query('select run_id as run, ended_as as "endedAs" from pins order by pin_id');
    expect(rows).toEqual([
      { run: 'exe_1', endedAs: 'moved' },
      { run: 'exe_2', endedAs: null },
    ]);
  });

  it('of devices names the versions that they go back to', async () => {
    await world.pool.query(
      `insert into rollback_targets (run_id, thing, version, state) values
         ('exe_1', 'a', '1.0.0', 'returned'), ('exe_1', 'b', '1.1.0', 'unacknowledged'),
         ('exe_1', 'c', '9.0.0', 'superseded'), ('exe_2', 'd', '8.0.0', 'returned')`,
    );
    await end(pin('exe_1', [], 'devices'));
    expect((await readHolds(world.pool, ENVIRONMENT)).pins).toMatchObject([{ versions: ['1.0.0', '1.1.0'] }]);
  });

  it('stands once where two store the ends of two runs at the same time', async () => {
    await Promise.all([end(pin('exe_1')), end(pin('exe_2', ['0.9.0'])), end(pin('exe_3', ['0.8.0'], 'mail'))]);
    const { pins } = await readHolds(world.pool, ENVIRONMENT);
    expect(pins.map(({ subject }) => subject)).toEqual(['mail', 'shop']);
  });
});
