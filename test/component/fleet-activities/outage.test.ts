import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFleetActivities } from '../../../activities/fleet/fleet.activities.ts';
import { createJournalActivities } from '../../../activities/journal/journal.activities.ts';
import { eventually } from '../../support/eventually.ts';
import { inMs, offer, preparedRun, whateverHappens } from '../../support/fleet/fleet-runs.ts';
import { attempt, codeOf, openFleetWorld, things, type FleetWorld } from '../../support/fleet/fleet-world.ts';
import { playedDevices, succeeds } from '../../support/fleet/played-devices.ts';
import { runViewOf } from '../../support/fleet/run-view-builder.ts';
import { startPostgres, type PostgresServer } from '../../support/servers/postgres.ts';
import { makeTempFolder, type TempFolder } from '../../support/servers/temp-folder.ts';

let folder: TempFolder;
let server: PostgresServer;
let world: FleetWorld;

beforeAll(async () => {
  folder = makeTempFolder('outage');
  server = await startPostgres({ folder: `${folder.path}/cluster` });
  world = await openFleetWorld(server.url);
});
afterAll(async () => {
  await world.close();
  await server.stop();
  folder.remove();
});

async function dieAndComeBack(): Promise<void> {
  await server.kill();
  server = await startPostgres({ folder: server.folder, port: server.port });
}

describe('PostgreSQL killed', () => {
  it('in the middle of a wave: the wave waits for it and ends as if nothing had been', async () => {
    const ref = await preparedRun(world, await world.addFirmware('1.1.0'), { names: things(40) });
    const wave = offer(world, { ...ref, maximumPerMinute: 1_200, successThresholdPercent: 100 });
    await eventually(async () => {
      const { rows } = await world.pool.query<{ n: number }>('select count(*)::int as n from job_executions');
      expect(rows[0]?.n).toBeGreaterThan(4);
    });
    await dieAndComeBack();
    const stopLiving = playedDevices(world.pool).live(() => succeeds);
    expect(await wave.result).toMatchObject({ kind: 'passed', counts: { offered: 40, succeeded: 40 } });
    await stopLiving();
  });

  it('while a wave is stopped: it is held as soon as the database is back', async () => {
    await world.pool.query('truncate devices, jobs, job_executions, job_counters');
    const ref = await preparedRun(world, await world.addFirmware('1.2.0'), { names: things(10) });
    const wave = offer(world, { ...ref, ...whateverHappens });
    await eventually(async () => {
      const { rows } = await world.pool.query<{ n: number }>('select count(*)::int as n from job_executions');
      expect(rows[0]?.n).toBe(10);
    });
    await server.kill();
    wave.cancel();
    server = await startPostgres({ folder: server.folder, port: server.port });
    await expect(wave.result).rejects.toThrow();
    const { rows } = await world.pool.query<{ status: string }>('select status from jobs where run_id = $1', [ref.run]);
    expect(rows).toEqual([{ status: 'held' }]);
  });

  it('while a run is counted: the count beats on and ends when the database is back', async () => {
    await server.kill();
    const counting = attempt(createFleetActivities(world).countRun, { run: 'exe_1', planId: 'plan_1', digest: 'd' });
    await new Promise((resolve) => counting.hearts.once('heartbeat', resolve));
    server = await startPostgres({ folder: server.folder, port: server.port });
    expect(await counting.result).toMatchObject({ offered: 0 });
  });

  it('before the journal: the batch fails as one that is tried again', async () => {
    await server.kill();
    const { appendJournal } = createJournalActivities(world);
    const entry = { seq: 1, at: inMs(0), type: 'run-started' as const, summary: 'started', data: {} };
    const input = { run: 'exe_1', entries: [entry], view: runViewOf('exe_1') };
    expect(await codeOf(attempt(appendJournal, input).result)).toBe('DATABASE_ERROR');
    server = await startPostgres({ folder: server.folder, port: server.port });
    await attempt(appendJournal, input).result;
  });
});
