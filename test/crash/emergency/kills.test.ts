// The rollback of a whole environment while the worker, Temporal and PostgreSQL die in the middle of it.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EmergencyReport } from '#domain/emergency/emergency.ts';
import { beginEmergency } from '../../../client/engine/emergency/begin-emergency.ts';
import { loadReport } from '../../../client/engine/emergency/load-report.ts';
import { ContainerStack, LIN, SHOP, type Place } from '../../support/containers/container-stack.ts';
import { letGo } from '../../support/containers/let-go.ts';
import { readReleasePosition } from '../../support/containers/release-rows.ts';
import { eventually } from '../../support/eventually.ts';

const DEADLINE_MS = 300_000;
const QUICK = { strategy: 'immediate' };

let world: ContainerStack;
let places: readonly Place[];
beforeAll(async () => {
  world = await ContainerStack.open();
  const first = await world.openPlace({ name: 'burning', replicas: 1 });
  const second = await world.openBeside(first, 'beside');
  await world.changeApplication(second, { routing: { listen_port: second.port }, depends_on: ['burning'] });
  places = [first, second];
  for (const version of [SHOP.first, SHOP.good]) {
    for (const place of places) await untilClosed((await world.deploy(place, version, QUICK)).run);
  }
}, 300_000);
afterAll(() => world.close());

function untilClosed(run: string): Promise<void> {
  return eventually(async () => {
    const { phase, isClosed } = await readReleasePosition(world.pool, run);
    if (!isClosed) throw new Error(`${run} is ${phase}`);
  }, DEADLINE_MS);
}

function untilEnded(id: string): Promise<EmergencyReport> {
  return eventually(async () => {
    const { report, isOpen } = await loadReport(world.deps, id);
    if (isOpen) throw new Error(`${id} is at ${report.stage}`);
    return report;
  }, DEADLINE_MS);
}

const versionOf = async (place: Place): Promise<string | undefined> =>
  (await world.releases(place)).find(({ state }) => state === 'stable')?.version;

it('goes on whoever dies wherever, and takes each application back once', async () => {
  const { run } = await world.deploy(places[1] as Place, SHOP.bad, { strategy: 'blue_green', bake: '10m' });
  await eventually(async () => {
    const { step } = await readReleasePosition(world.pool, run);
    expect(step).toMatch(/^bake/);
  }, DEADLINE_MS);
  const points = [
    ...['after:takeHold', 'before:stopRuns', 'after:stopRuns', 'after:planWaysBack', 'before:startRollback'],
    ...[
      'after:startRollback',
      'container-created',
      'after:promoteRelease',
      'before:endEmergency',
      'after:endEmergency',
    ],
  ].map((point) => world.points.arm(point));
  const { emergency } = await beginEmergency(world.deps, {
    ...{ environment: 'burning', reason: 'it burns', to: undefined, person: LIN },
  });
  await points[3]?.fired(DEADLINE_MS);
  await world.kill('temporal');
  await points[5]?.fired(DEADLINE_MS);
  await world.kill('postgres');
  for (const point of points) await point.fired(DEADLINE_MS);
  const report = await untilEnded(emergency.id);
  expect(report).toMatchObject({ left: [], runs: [{ run, end: 'rolled-back' }] });
  expect(await Promise.all(places.map(versionOf))).toEqual([SHOP.first, SHOP.good]);
  const made = await Promise.all(places.map(async (place) => (await world.releases(place)).map((one) => one.version)));
  expect(made).toEqual([
    [SHOP.first, SHOP.good, SHOP.first],
    [SHOP.first, SHOP.good, SHOP.bad],
  ]);
  await letGo(world.deps, { ...(places[0] as Place), person: LIN });
  await untilClosed((await world.deploy(places[0] as Place, SHOP.good, QUICK)).run);
});
