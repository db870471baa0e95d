// Runs that queue in two environments, a release of two applications among them, while processes die, coordinators too:
// nobody is lost, nobody acts beside another.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createJointRelease } from '../../../client/engine/joint-releases/create-joint-release.ts';
import { executePlan } from '../../../client/engine/runs/execute-plan.ts';
import { coordinatorIdOf } from '#domain/coordination/coordinator-input.ts';
import { coordinatorBooks } from '../../../workflows/environments/environment.messages.ts';
import {
  ContainerStack,
  LIN,
  SHOP,
  type ContainerVictim,
  type Place,
} from '../../support/containers/container-stack.ts';
import { readReleasePosition } from '../../support/containers/release-rows.ts';
import { judgeTurns, readTurns } from '../../support/crash/environments/turns.ts';
import { Killing } from '../../support/crash/kills.ts';
import { Random } from '../../support/crash/random.ts';
import { wholeNumber } from '../../support/crash/whole-number.ts';
import { eventually } from '../../support/eventually.ts';

const SEEDS = Math.ceil(wholeNumber(process.env['SLUICE_CRASH_SEEDS'] ?? '5', 'SLUICE_CRASH_SEEDS') / 5);
const DEADLINE_MS = 300_000;
const AT_ONCE = 2;
const VICTIMS: readonly (readonly [ContainerVictim, number])[] = [
  ['worker', 3],
  ['temporal', 2],
  ['postgres', 2],
  ['everything', 1],
];

describe('runs that queue in two environments under random kills', () => {
  let world: ContainerStack;
  beforeAll(async () => {
    world = await ContainerStack.open();
  }, 300_000);
  afterAll(() => world.close());

  it.each(Array.from({ length: SEEDS }, (_, at) => at + 1))(
    'all have their turn, one after the other: seed %i',
    async (seed) => {
      const places = await openPlaces(world, seed);
      const runs: string[] = [];
      for (const version of [SHOP.good, SHOP.first, SHOP.good]) {
        for (const place of places) runs.push((await world.deploy(place, version, { strategy: 'immediate' })).run);
      }
      const release = await releaseTogether(world, places.slice(0, 2), `both-${seed}`);
      await killMeanwhile(world, seed, places);
      for (const run of [...runs, release]) await untilClosed(world, run);
      expect(await readReleasePosition(world.pool, release)).toMatchObject({ phase: 'completed' });
      const members = await membersOf(world, release);
      expect(members).toHaveLength(2);
      runs.push(...members);
      for (const environment of new Set(places.map((place) => place.environment))) {
        const turns = (await readTurns(world.pool, environment)).filter(({ run }) => runs.includes(run));
        expect(judgeTurns(turns, AT_ONCE)).toEqual([]);
        await untilNobodyIsLeft(world, environment);
      }
    },
  );
});

/** Two applications in one environment and one in another, each with its first version in use. */
async function openPlaces(world: ContainerStack, seed: number): Promise<Place[]> {
  const environment = { max_concurrent_deployments: AT_ONCE };
  const first = await world.openPlace({ name: `line-${seed}`, replicas: 1, environment });
  const beside = await world.openBeside(first, `beside-${seed}`);
  const apart = await world.openPlace({ name: `apart-${seed}`, replicas: 1, environment });
  const places = [first, beside, apart];
  for (const place of places) await untilClosed(world, (await world.deploy(place, SHOP.first)).run);
  return places;
}

/** Starts a release of these applications, all of one environment. */
async function releaseTogether(world: ContainerStack, places: readonly Place[], name: string): Promise<string> {
  const config = { strategy: 'immediate' };
  const applications = places.map(({ application }) => ({ name: application, version: SHOP.first, config }));
  const content = JSON.stringify({ name, environment: places[0]?.environment, applications });
  const file = { content, name: 'release.json' };
  const { plan } = await createJointRelease(world.deps, { file, environment: undefined, author: LIN.name });
  return (await executePlan(world.deps, { planId: plan.planId, person: LIN })).run;
}

async function membersOf(world: ContainerStack, release: string): Promise<string[]> {
  const { rows } = await world.pool.query<{ run: string }>('select run_id as run from runs where part_of = $1', [
    release,
  ]);
  return rows.map(({ run }) => run);
}

async function killMeanwhile(world: ContainerStack, seed: number, places: readonly Place[]): Promise<void> {
  const random = new Random(seed);
  const over = new AbortController();
  const killing = new Killing<ContainerVictim>({ world, stayDead: ['everything'], where: () => '', over: over.signal });
  const orders = Array.from({ length: 4 }, () => ({
    victim: random.weighted<ContainerVictim>(VICTIMS),
    afterMs: random.between(200, 2_500),
    downMs: random.between(0, 500),
    whenWell: false,
  }));
  await killing.carryOut(orders.slice(0, 2));
  await endCoordinator(world, places[0]?.environment ?? '');
  await killing.carryOut(orders.slice(2));
  await world.startUp();
  await world.untilWell();
}

/** As somebody may by mistake in Temporal's own UI. */
async function endCoordinator(world: ContainerStack, environment: string): Promise<void> {
  await eventually(async () => {
    const client = await world.deps.temporal();
    await client.workflow.getHandle(coordinatorIdOf(environment)).terminate('by mistake');
  }, DEADLINE_MS);
}

function untilClosed(world: ContainerStack, run: string): Promise<void> {
  return eventually(async () => {
    const { phase, step, isClosed } = await readReleasePosition(world.pool, run);
    if (!isClosed) throw new Error(`${run} is ${phase} at ${step ?? 'the start'}`);
  }, DEADLINE_MS);
}

function untilNobodyIsLeft(world: ContainerStack, environment: string): Promise<void> {
  return eventually(async () => {
    const client = await world.deps.temporal();
    const books = await client.workflow.getHandle(coordinatorIdOf(environment)).query(coordinatorBooks);
    expect(books).toMatchObject({ holders: [], resting: [], waiting: [] });
  }, DEADLINE_MS);
}
