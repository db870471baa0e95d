import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { addDevice } from '../../../client/engine/devices/add-device.ts';
import { awaitCredentials } from '../../../client/engine/devices/await-credentials.ts';
import type { EngineDeps } from '../../../client/engine/engine.ts';
import { UP_PID_FILE } from '../../../client/engine/live-stack.ts';
import { openTestEngine, type TestEngine } from '../../support/registry/test-engine.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await openTestEngine();
});
afterAll(() => engine.close());
afterEach(() => rmSync(pidFile(), { force: true }));

const pidFile = () => join(engine.folder, UP_PID_FILE);
const pretendStackRuns = () => writeFileSync(pidFile(), `${process.pid}\n`);

/** Registers a device of its own and says which rebuild it needs. */
async function addOne(thing: string): Promise<number | null> {
  const input = { thing, hardware: 'edge-a', firmware: '1.0.0', tags: {} };
  return (await addDevice(engine.deps, input)).credentialsWanted;
}

async function apply(rebuild: number | null): Promise<void> {
  await (await engine.deps.database()).query('update broker_credentials set applied = $1', [rebuild]);
}

describe('new credentials', () => {
  it('are valid when the broker has taken them', async () => {
    pretendStackRuns();
    const wanted = await addOne('w1');
    const state = awaitCredentials(engine.deps, wanted);
    await apply(wanted);
    expect(await state).toEqual({ kind: 'valid' });
  });

  it('are nothing to wait for when no device is new', async () => {
    await addOne('w2');
    expect(await addOne('w2')).toBeNull();
    expect(await awaitCredentials(engine.deps, null)).toEqual({ kind: 'valid' });
  });

  it('become valid with the next start when nothing runs', async () => {
    expect(await awaitCredentials(engine.deps, await addOne('w3'))).toEqual({ kind: 'with-next-start' });
  });

  it('are given up in the end when the gateway does not do its work', async () => {
    pretendStackRuns();
    const impatient: EngineDeps = {
      ...engine.deps,
      settings: { ...engine.deps.settings, waitForPartMs: 100 },
      database: () => engine.deps.database(),
    };
    expect(await awaitCredentials(impatient, await addOne('w4'))).toEqual({ kind: 'not-applied', waitedMs: 100 });
  });
});
