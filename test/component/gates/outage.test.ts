import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GateCheck } from '#domain/plan/steps.ts';
import { createGateActivities } from '../../../activities/gates/gates.activities.ts';
import { eventually } from '../../support/eventually.ts';
import { attempt, openFleetWorld, type Attempt, type FleetWorld } from '../../support/fleet/fleet-world.ts';
import { startPostgres, type PostgresServer } from '../../support/servers/postgres.ts';
import { makeTempFolder, type TempFolder } from '../../support/servers/temp-folder.ts';

let folder: TempFolder;
let server: PostgresServer;
let world: FleetWorld;

beforeAll(async () => {
  folder = makeTempFolder('gate-outage');
  server = await startPostgres({ folder: `${folder.path}/cluster` });
  world = await openFleetWorld(server.url);
});
afterAll(async () => {
  await world.close();
  await server.stop();
  folder.remove();
});

/** The processes behind open connections outlive the killed server by a moment, and answer. */
const leave = async (): Promise<void> => {
  await server.kill();
  await eventually(() => expect(world.pool.totalCount).toBe(0));
};
const comeBack = async (): Promise<void> => {
  server = await startPostgres({ folder: server.folder, port: server.port });
};

async function evaluate(check: GateCheck) {
  const ref = await world.plan(await world.addFirmware(`1.${Date.now()}.0`));
  const step = { kind: 'gate', id: 'gate-scan', gate: 'scan', phase: 'post', required: true, check } as const;
  const info = { startToCloseTimeoutMs: 3_600_000 };
  return () => attempt(createGateActivities({ ...world, containers: null }).evaluateGate, { ...ref, step }, info);
}

/** A gate that ends instead says so. */
const waitsForDatabase = (gate: Attempt<unknown>): Promise<void> =>
  new Promise((resolve, reject) => {
    gate.hearts.on('heartbeat', (details: unknown) => {
      if (JSON.stringify(details)?.includes('PostgreSQL')) resolve();
    });
    const end = (how: unknown): void => reject(new Error(`it ended: ${JSON.stringify(how)}`));
    gate.result.then(end, end);
  });

describe('PostgreSQL killed', () => {
  it('while a gate’s command runs: its result is kept, stored when the database is back, and it ran once', async () => {
    const [runs, end] = [join(folder.path, 'runs'), join(folder.path, 'end')];
    const script = `echo once >> ${runs}; until [ -e ${end} ]; do sleep 0.05; done; echo scanned`;
    const start = await evaluate({ run: 'command', command: ['sh', '-c', script], timeoutMs: 600_000 });
    const gate = start();
    await eventually(() => expect(existsSync(runs)).toBe(true));
    await leave();
    writeFileSync(end, '');
    await waitsForDatabase(gate);
    await comeBack();
    const outcome = await gate.result;
    expect(outcome).toMatchObject({ kind: 'passed' });
    expect(readFileSync(runs, 'utf8')).toBe('once\n');
    const { rows } = await world.pool.query('select evidence_id, body from evidence');
    expect(rows).toMatchObject([{ evidence_id: outcome.evidence, body: { kind: 'passed', output: 'scanned\n' } }]);
  });

  it('before a gate: it waits for it and is evaluated', async () => {
    const start = await evaluate({ run: 'firmware_validation' });
    await leave();
    const gate = start();
    await waitsForDatabase(gate);
    await comeBack();
    expect(await gate.result).toMatchObject({ kind: 'passed' });
  });

  it('for longer than a run lasts: the gate ends with it', async () => {
    const start = await evaluate({ run: 'firmware_validation' });
    await leave();
    const gate = start();
    await waitsForDatabase(gate);
    gate.cancel();
    await expect(gate.result).rejects.toThrow(/cancel/i);
    await comeBack();
  });
});
