// Releases of three applications as people make them: all of them come, or none.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { LIN, SHOP, type Place } from '../../support/containers/container-stack.ts';
import { letGo } from '../../support/containers/let-go.ts';
import { readReleasePosition } from '../../support/containers/release-rows.ts';
import { eventually } from '../../support/eventually.ts';
import { isAtBake, openReleaseScene } from './release-scene.ts';

const scene = openReleaseScene();
const REPLICAS = 1;
const QUICK = { strategy: 'blue_green', bake: '0s' };
/** It is never healthy under that path. */
const SICK = { ...QUICK, health_check: { path: '/nowhere', interval: '200ms' }, timeout: '4s' };

let places: Readonly<Record<'stock' | 'cart' | 'till', Place>>;
beforeAll(async () => {
  const stock = await scene.stack.openPlace({ name: 'stock', replicas: REPLICAS });
  const cart = await scene.stack.openBeside(stock, 'cart');
  const till = await scene.stack.openBeside(stock, 'till');
  places = { stock, cart, till };
  await scene.stack.changeApplication(cart, { depends_on: ['stock'] });
  await scene.stack.changeApplication(till, { depends_on: ['cart'], critical: true });
});

async function create(name: string, version: string, configs: Readonly<Record<string, object>> = {}) {
  const applications = ['till', 'cart', 'stock'].map((application) => {
    return { name: application, version, config: configs[application] ?? QUICK };
  });
  const file = join(scene.stack.dataDirectory, `${name}.json`);
  writeFileSync(file, JSON.stringify({ name, environment: 'stock', notes: `To ${version}.`, applications }));
  return scene.sluice('release', 'create', '-f', file);
}

async function execute(name: string): Promise<string> {
  const { exitCode, answer } = await scene.sluice('release', 'execute', name, '--reason', 'test');
  expect(exitCode, JSON.stringify(answer)).toBe(0);
  return String(answer['execution_id']);
}

interface MemberAnswer {
  readonly name: string;
  readonly status: string;
  readonly execution_id: string;
  readonly rollback_execution_id: string | null;
  readonly detail: string;
}

const membersOf = async (name: string): Promise<MemberAnswer[]> =>
  (await scene.sluice('release', 'show', name)).answer['applications'] as MemberAnswer[];

async function expectAll(version: string): Promise<void> {
  for (const place of Object.values(places)) await scene.expectServing(place, version, REPLICAS);
}

/** When each run began and ended, by the database. */
async function timesOf(runs: readonly string[]): Promise<{ startedAt: number; completedAt: number }[]> {
  const { rows } = await scene.stack.pool.query<{ run: string; startedAt: Date; completedAt: Date }>(
    `select run_id as run, started_at as "startedAt", completed_at as "completedAt" from runs where run_id = any($1)`,
    [runs],
  );
  return runs.map((run) => {
    const row = rows.find((one) => one.run === run);
    return { startedAt: row?.startedAt.getTime() ?? NaN, completedAt: row?.completedAt.getTime() ?? NaN };
  });
}

describe('a release of three applications', () => {
  it('brings them out one after what it needs, as ordinary runs', async () => {
    const { answer } = await create('first', SHOP.first);
    expect((answer['applications'] as { name: string; wave: number }[]).map(({ name }) => name)).toEqual([
      'stock',
      'cart',
      'till',
    ]);
    const run = await execute('first');
    await scene.untilClosed(run, 'completed');
    await expectAll(SHOP.first);
    const members = await membersOf('first');
    const [stock, cart, till] = await timesOf(members.map((one) => one.execution_id));
    expect(stock?.completedAt).toBeLessThanOrEqual(cart?.startedAt ?? 0);
    expect(cart?.completedAt).toBeLessThanOrEqual(till?.startedAt ?? 0);
    const { answer: listed } = await scene.sluice('run', 'list', '--environment', 'stock');
    expect((listed['runs'] as unknown[]).length).toBe(4);
  });

  it('takes all of them back when the last one is never healthy', async () => {
    await create('sick', SHOP.good, { till: SICK });
    const run = await execute('sick');
    await scene.untilClosed(run, 'rolled-back');
    await expectAll(SHOP.first);
    const members = await membersOf('sick');
    expect(members.map(({ name, status }) => [name, status])).toEqual([
      ['stock', 'taken-back'],
      ['cart', 'taken-back'],
      ['till', 'taken-back'],
    ]);
    const [stock, cart] = await timesOf(members.slice(0, 2).map((one) => one.rollback_execution_id ?? ''));
    expect(cart?.completedAt).toBeLessThanOrEqual(stock?.startedAt ?? 0);
    const { answer } = await scene.sluice('release', 'notes', 'sick');
    expect(String(answer['markdown'])).toContain(`| 3 | till | ${SHOP.first} | ${SHOP.good} | taken back`);
  });

  it('is taken back as a whole after it has completed', async () => {
    await create('good', SHOP.good);
    await scene.untilClosed(await execute('good'), 'completed');
    await expectAll(SHOP.good);
    const { answer } = await scene.sluice('release', 'rollback', 'good', '--reason', 'too slow');
    await scene.untilClosed(String(answer['execution_id']), 'completed');
    await expectAll(SHOP.first);
  });

  it('names what may stand of a member that was terminated, and takes the others back', async () => {
    for (const place of Object.values(places)) await letGo(scene.stack.deps, { ...place, person: LIN });
    await create('lost', SHOP.good, { cart: { ...QUICK, bake: '30m' } });
    const run = await execute('lost');
    const cart = await eventually(async () => {
      const own = (await membersOf('lost')).find(({ name }) => name === 'cart')?.execution_id;
      if (!own) throw new Error('it was not begun');
      if (!isAtBake(await readReleasePosition(scene.stack.pool, own))) throw new Error('it does not bake');
      return own;
    }, 100_000);
    const client = await scene.stack.deps.temporal();
    await client.workflow.getHandle(`deployment/${cart}`).terminate('by mistake');
    const { phase } = await scene.until(run, 'its end', ({ isClosed }) => isClosed);
    expect(phase).toBe('rollback-incomplete');
    const members = await membersOf('lost');
    expect(members.map(({ status }) => status)).toEqual(['taken-back', 'left', 'waiting']);
    expect(members[1]?.detail).toContain(`cart ${SHOP.good} may stand half-way: ${cart} is failed`);
    await scene.expectServing(places.stock, SHOP.first, REPLICAS);
  });
});
