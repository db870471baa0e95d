/** 100,000 devices from a CSV file into a real, durable PostgreSQL, and a group's filter over all of them. */
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { createEngineDeps } from '../../../client/engine/deps.ts';
import type { EngineDeps } from '../../../client/engine/engine.ts';
import { importDevices } from '../../../client/engine/devices/import-devices.ts';
import { createGroup } from '../../../client/engine/groups/create-group.ts';
import { showGroup } from '../../../client/engine/groups/show-group.ts';
import { readSettings } from '../../../client/engine/settings.ts';
import { startPostgres } from '../../support/servers/postgres.ts';
import { makeTempFolder } from '../../support/servers/temp-folder.ts';

const GOAL_SECONDS = 20;
const GOAL_DEVICES = 100_000;

/** Exit code 1 when the import missed its goal (20 s for 100,000 devices, in proportion). */
export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      devices: { type: 'string', default: String(GOAL_DEVICES) },
      output: { type: 'string', default: 'text' },
    },
  });
  const devices = Number(values.devices);
  const folder = makeTempFolder('bench-import');
  const database = await startPostgres({ durable: true });
  const deps = createEngineDeps(readSettings({ SLUICE_DATABASE_URL: database.url }, { dataDirectory: folder.path }));
  try {
    const file = join(folder.path, 'devices.csv');
    await writeFleet(file, devices);
    const result = { devices, ...(await measure(deps, file)) };
    const goalSeconds = (GOAL_SECONDS * devices) / GOAL_DEVICES;
    report({ ...result, goalSeconds }, values.output === 'json');
    return result.importSeconds <= goalSeconds && result.added === devices ? 0 : 1;
  } finally {
    await deps.close();
    await database.stop();
    folder.remove();
  }
}

async function measure(deps: EngineDeps, file: string) {
  await deps.database();
  const first = await timed(() => importDevices(deps, { file, onProgress: ({ added }) => progress(added) }));
  const again = await timed(() => importDevices(deps, { file }));
  await createGroup(deps, { name: 'bench', filter: 'device.hardware == "edge-a" && device.tags.site == "a"' });
  const group = await timed(() => showGroup(deps, { name: 'bench', firstDevices: 0 }));
  return {
    importSeconds: first.seconds,
    devicesPerSecond: Math.round(first.result.added / first.seconds),
    added: first.result.added,
    reimportSeconds: again.seconds,
    unchanged: again.result.unchanged,
    groupSeconds: group.seconds,
    groupDevices: group.result.count,
  };
}

async function timed<T>(work: () => Promise<T>): Promise<{ result: T; seconds: number }> {
  const startedAt = performance.now();
  const result = await work();
  return { result, seconds: Math.round(performance.now() - startedAt) / 1000 };
}

async function writeFleet(file: string, devices: number): Promise<void> {
  await pipeline(function* () {
    yield 'thing,hardware,firmware,tags\n';
    for (let at = 0; at < devices; at++) {
      yield `dev-${at},edge-${'ab'[at % 2]},1.0.0,site=${'abcd'[at % 4]};rack=${at % 100}\n`;
    }
  }, createWriteStream(file));
}

function progress(added: number): void {
  if (process.stderr.isTTY && added % 10_000 === 0) process.stderr.write(`\r${added} devices`);
}

function report(numbers: Readonly<Record<string, number>>, json: boolean): void {
  const lines = Object.entries(numbers).map(([name, value]) => `${name.padEnd(18)}${value}`);
  process.stdout.write(json ? `${JSON.stringify(numbers)}\n` : `${lines.join('\n')}\n`);
}
