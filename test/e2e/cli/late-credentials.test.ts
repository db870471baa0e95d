import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { printCredentials } from '../../../client/cli/commands/device-actions.ts';
import type { CliContext } from '../../../client/cli/context.ts';
import { addDevice } from '../../../client/engine/devices/add-device.ts';
import type { EngineDeps } from '../../../client/engine/engine.ts';
import { UP_PID_FILE } from '../../../client/engine/live-stack.ts';
import { openTestEngine, type TestEngine } from '../../support/registry/test-engine.ts';

let engine: TestEngine;
beforeAll(async () => void (engine = await openTestEngine()));
afterAll(() => engine.close());

/** A command's surroundings that keep what it says. */
function contextOf(deps: EngineDeps): { context: CliContext; printed: unknown[]; exitCodes: number[] } {
  const [printed, exitCodes] = [[] as unknown[], [] as number[]];
  const context: CliContext = {
    settings: deps.settings,
    output: 'json',
    colour: false,
    interactive: false,
    dialogue: () => null,
    deps: () => deps,
    person: () => Promise.reject(new Error('nobody acts here')),
    print: (data) => void printed.push(data),
    stream: () => undefined,
    note: () => undefined,
    exitWith: (code) => void exitCodes.push(code),
  };
  return { context, printed, exitCodes };
}

it('credentials that the broker does not take in time are printed all the same, and are no success', async () => {
  const { deps } = engine;
  await addDevice(deps, { thing: 'late-1', hardware: 'edge-a', firmware: '1.0.0', tags: {} });
  writeFileSync(join(engine.folder, UP_PID_FILE), `${process.pid}\n`);
  const impatient: EngineDeps = {
    settings: { ...deps.settings, waitForPartMs: 100 },
    dataDirectory: () => deps.dataDirectory(),
    database: () => deps.database(),
    temporal: () => deps.temporal(),
    containers: deps.containers,
    close: () => deps.close(),
  };
  const { context, printed, exitCodes } = contextOf(impatient);
  await printCredentials(context, 'late-1', {});
  expect(printed).toMatchObject([{ thing: 'late-1', error: { code: 'CREDENTIALS_NOT_APPLIED' } }]);
  expect(exitCodes).toEqual([6]);
});
