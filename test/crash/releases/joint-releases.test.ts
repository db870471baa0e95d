// A release of two applications whose worker and whose Temporal die, both at once, at each of its turning points.
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createJointRelease } from '../../../client/engine/joint-releases/create-joint-release.ts';
import { commandRun } from '../../../client/engine/runs/command-run.ts';
import { executePlan } from '../../../client/engine/runs/execute-plan.ts';
import { ContainerStack, LIN, SHOP, type Place } from '../../support/containers/container-stack.ts';
import { readReleasePosition } from '../../support/containers/release-rows.ts';
import { containerEvents } from '../../support/crash/releases/container-events.ts';
import { openTrialPlace, REPLICAS } from '../../support/crash/releases/release-trial.ts';
import { eventually } from '../../support/eventually.ts';

const DEADLINE_MS = 300_000;
const QUICK = { strategy: 'blue_green', bake: '1s' };
const SICK = { ...QUICK, health_check: { path: '/nowhere', interval: '200ms' }, timeout: '5s' };
const EACH_ONCE = Array.from({ length: REPLICAS }, () => 1);

let world: ContainerStack;
let first: Place;
let second: Place;
beforeAll(async () => {
  world = await ContainerStack.open();
  first = await openTrialPlace(world, 'front', SHOP.first);
  second = await world.openBeside(first, 'back');
  await world.changeApplication(second, { depends_on: ['front'] });
  await ended(await execute('base', { front: QUICK, back: QUICK }, { front: SHOP.first, back: SHOP.first }));
}, 600_000);
afterAll(() => world.close());
afterEach(() => world.untilWell());

type Applications<T> = Readonly<Record<'front' | 'back', T>>;
const NEW: Applications<string> = { front: SHOP.good, back: SHOP.good };

async function execute(name: string, configs: Applications<object>, versions = NEW): Promise<string> {
  const applications = (['back', 'front'] as const).map((one) => {
    return { name: one, version: versions[one], config: configs[one] };
  });
  const content = JSON.stringify({ name, environment: first.environment, applications });
  const file = { content, name: 'release.json' };
  const { plan } = await createJointRelease(world.deps, { file, environment: undefined, author: LIN.name });
  return (await executePlan(world.deps, { planId: plan.planId, person: LIN })).run;
}

async function killBoth(): Promise<void> {
  const sinceMs = Date.now();
  await world.withoutRestarts(async () => {
    await world.kill('worker');
    await world.kill('temporal');
  });
  await world.untilBack('temporal', sinceMs);
}

interface MemberRow {
  readonly application: string;
  readonly kind: 'forward' | 'back';
  readonly phase: string;
}

/** The runs that the release has started, oldest first. */
async function membersOf(release: string): Promise<MemberRow[]> {
  const { rows } = await world.pool.query<MemberRow>(
    `select r.subject as application, r.phase,
       case when r.place->>'priority' = 'rollback' then 'back' else 'forward' end as kind
     from runs r where r.part_of = $1 order by r.started_at, r.run_id`,
    [release],
  );
  return rows;
}

const untilBegun = (release: string, count: number): Promise<void> =>
  eventually(async () => {
    const members = await membersOf(release);
    if (members.length < count) throw new Error(`${members.length} of ${count} runs have begun`);
  }, DEADLINE_MS);

const ended = (release: string): Promise<string> =>
  eventually(async () => {
    const { isClosed, phase, step } = await readReleasePosition(world.pool, release);
    if (!isClosed) throw new Error(`it is ${phase} at ${step ?? 'no step'}`);
    return phase;
  }, DEADLINE_MS);

async function expectServing(version: string): Promise<void> {
  for (const place of [first, second]) {
    const containers = await world.containers(place);
    const found = containers.map(({ Labels, State }) => `${Labels['sluice.version']} ${State}`);
    expect(found).toEqual(EACH_ONCE.map(() => `${version} running`));
  }
}

it(
  'takes everything back, each once, when they die at each start and on the way back',
  async () => {
    const sinceMs = Date.now();
    const run = await execute('sick', { front: QUICK, back: SICK });
    for (const begun of [1, 2, 3]) {
      await untilBegun(run, begun);
      await killBoth();
    }
    expect(await ended(run)).toBe('rolled-back');
    expect(await membersOf(run)).toEqual([
      { application: 'front', kind: 'forward', phase: 'completed' },
      { application: 'back', kind: 'forward', phase: 'rolled-back' },
      { application: 'front', kind: 'back', phase: 'completed' },
    ]);
    expect((await containerEvents(world, first, sinceMs)).of(SHOP.good).create).toEqual(EACH_ONCE);
    await expectServing(SHOP.first);
  },
  2 * DEADLINE_MS,
);

it(
  'is taken back by a person’s word that was given between two deaths',
  async () => {
    const run = await execute('stopped', { front: QUICK, back: { ...QUICK, bake: '30m' } });
    await untilBegun(run, 2);
    await killBoth();
    await world.untilWell();
    await commandRun(world.deps, 'rollBackRun', { run, person: LIN, reason: 'no' });
    await killBoth();
    expect(await ended(run)).toBe('rolled-back');
    const members = await membersOf(run);
    expect(members.map(({ application, kind }) => `${application} ${kind}`)).toEqual([
      'front forward',
      'back forward',
      'front back',
    ]);
    await expectServing(SHOP.first);
  },
  2 * DEADLINE_MS,
);

it(
  'completes, each member once, when they die at each start',
  async () => {
    const sinceMs = Date.now();
    const run = await execute('good', { front: QUICK, back: QUICK });
    for (const begun of [1, 2]) {
      await untilBegun(run, begun);
      await killBoth();
    }
    expect(await ended(run)).toBe('completed');
    expect(await membersOf(run)).toEqual([
      { application: 'front', kind: 'forward', phase: 'completed' },
      { application: 'back', kind: 'forward', phase: 'completed' },
    ]);
    for (const place of [first, second]) {
      expect((await containerEvents(world, place, sinceMs)).of(SHOP.good).create).toEqual(EACH_ONCE);
    }
    await expectServing(SHOP.good);
  },
  2 * DEADLINE_MS,
);
