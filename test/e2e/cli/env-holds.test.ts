import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { insertFreeze } from '../../../activities/adapters/postgres/freezes.ts';
import { changeHolds } from '../../../activities/adapters/postgres/holds.ts';
import { inTransaction } from '../../../activities/adapters/postgres/pool.ts';
import { applyConfiguration } from '../../../client/engine/environments/apply-configuration.ts';
import { keepCoordinators } from '../../../client/engine/environments/keep-coordinators.ts';
import { readBooks } from '../../../client/engine/environments/read-books.ts';
import { holdsOf, type Holds } from '#domain/coordination/holds.ts';
import { eventually } from '../../support/eventually.ts';
import { aPlan, bake, HOUR_MS, offer } from '../../support/runs/plan-builder.ts';
import { openCliWorld, type Answer, type CliWorld } from './cli-world.ts';

interface Passed {
  readonly type: string;
  readonly data: object;
}

const FROZEN = `frozen-${randomUUID()}`;
const PINNED = `pinned-${randomUUID()}`;
const { firmware } = aPlan();
let world: CliWorld;

beforeAll(async () => {
  world = await openCliWorld();
  const open = { device_groups: [], approval_required: false };
  const people = { ada: { roles: ['approver'] }, zoe: { roles: [] } };
  const content = JSON.stringify({ environments: { [FROZEN]: open, [PINNED]: open }, people });
  await applyConfiguration(world.deps, { by: 'test', file: { name: 'test', content } });
});
afterAll(() => world.close());

const planFor = (name: string, version = firmware.version, steps = [offer(1), bake(1, HOUR_MS)]): Promise<string> => {
  const environment = { ...aPlan().environment, name };
  return world.plan({ environment, firmware: { ...firmware, version }, steps }, { isConfigured: true });
};
const start = async (plan: string, ...more: readonly string[]): Promise<Answer> =>
  world.json('deploy', 'execute', '--plan-id', plan, ...more);
const idOf = (started: Answer): string => started['execution_id'] as string;
const becomes = (run: string, status: string): Promise<void> =>
  eventually(async () => expect(await world.json('deploy', 'status', '--execution-id', run)).toMatchObject({ status }));
const waitsFor = (run: string, why: string): Promise<void> =>
  eventually(async () => expect(await world.json('run', 'show', run)).toMatchObject({ queue: { why } }));
const code = async (...argv: string[]): Promise<string | undefined> => (await world.json(...argv)).error?.code;
/** What the coordinator of the frozen environment has heard. */
const known = async (): Promise<Holds> => holdsOf(await readBooks(await world.deps.temporal(), FROZEN, 10_000));
const flat = (text: string): string => text.replaceAll(/\s+/g, ' ');

describe('a freeze', () => {
  let run = '';

  it('is refused without a reason, with an end that is none, and where there is no environment', async () => {
    expect(await code('env', 'freeze', FROZEN, '--reason', ' ')).toBe('REASON_REQUIRED');
    expect(await code('env', 'freeze', 'nowhere', '--reason', 'x')).toBe('ENVIRONMENT_UNKNOWN');
    expect(await code('env', 'freeze', FROZEN, '--reason', 'x', '--for', 'long')).toBe('FREEZE_END_INVALID');
    expect(await code('env', 'freeze', FROZEN, '--reason', 'x', '--until', '2020-01-01T00:00Z')).toBe(
      'FREEZE_END_INVALID',
    );
    expect(await code('env', 'freeze', FROZEN, '--reason', 'x', '--until', '22:00', '--for', '1h')).toBe('USAGE');
    expect(await code('env', 'unfreeze', FROZEN, '--reason', 'x')).toBe('ENVIRONMENT_NOT_FROZEN');
  });

  it('says who froze until when, and is refused a second time', async () => {
    const frozen = await world.json('env', 'freeze', FROZEN, '--reason', 'month end', '--for', '36h');
    expect(frozen).toMatchObject({ frozen: true, frozen_by: 'ada', reason: 'month end', coordinator_told: true });
    const { stderr, exitCode } = await world.sluice('env', 'freeze', FROZEN, '--reason', 'again');
    expect(exitCode).toBe(5);
    expect(flat(stderr)).toContain(`${FROZEN} is frozen already, by ada until`);
    const { stdout } = await world.sluice('env', 'show', FROZEN);
    expect(flat(stdout)).toMatch(/frozen by ada until .*: month end/);
  });

  it('keeps a run waiting that is started, and says so wherever it is looked for', async () => {
    const plan = await planFor(FROZEN);
    const { stdout, stderr } = await world.sluice('deploy', 'execute', '--plan-id', plan);
    run = /exe_\w+/.exec(stdout)?.[0] ?? '';
    expect(flat(stderr)).toMatch(/frozen by ada until .*: month end · sluice deploy start-now/);
    await waitsFor(run, 'frozen');
    expect(flat((await world.sluice('run', 'show', run)).stdout)).toMatch(
      /frozen by ada until .* sluice deploy start-now/,
    );
    expect(flat((await world.sluice('env', 'queue', FROZEN)).stdout)).toMatch(/frozen by ada .* lets one run pass/);
    expect(await world.json('env', 'queue', FROZEN)).toMatchObject({
      freeze: { frozen_by: 'ada' },
      waiting: [{ execution_id: run, why: 'frozen', freeze: { reason: 'month end' } }],
    });
  });

  it('is passed by start-now with a reason, and by a start that overrides it', async () => {
    expect(await code('deploy', 'start-now', run, '--reason', ' ')).toBe('REASON_REQUIRED');
    expect(await code('deploy', 'start-now', run, '--reason', 'hotfix', '--as', 'zoe')).toBe('APPROVAL_ROLE_MISSING');
    await world.json('deploy', 'start-now', run, '--reason', 'hotfix');
    await becomes(run, 'running');
    await eventually(async () => {
      const { events } = (await world.json('run', 'events', run)) as unknown as { events: Passed[] };
      const passed = events.find(({ type }) => type === 'freeze-overridden');
      expect(passed).toMatchObject({ data: { by: 'ada', reason: 'hotfix' } });
    });
    await world.json('deploy', 'cancel', '--execution-id', run);
    await becomes(run, 'cancelled');
    const plan = await planFor(FROZEN, '3.0.0');
    expect((await start(plan, '--override-freeze')).error?.code).toBe('REASON_REQUIRED');
    const byOther = await start(plan, '--override-freeze', '--reason', 'must', '--as', 'zoe');
    expect(byOther.error?.code).toBe('APPROVAL_ROLE_MISSING');
    const passing = await start(plan, '--override-freeze', '--reason', 'must');
    expect(passing).toMatchObject({ freeze: null });
    await becomes(idOf(passing), 'running');
    await world.json('deploy', 'cancel', '--execution-id', idOf(passing));
  });

  it('ends when a person lifts it: who waits is let in', async () => {
    const waiting = idOf(await start(await planFor(FROZEN)));
    await waitsFor(waiting, 'frozen');
    await world.json('env', 'unfreeze', FROZEN, '--reason', 'books are closed');
    await becomes(waiting, 'running');
    expect(await world.json('env', 'show', FROZEN)).toMatchObject({ freeze: null });
    await world.json('deploy', 'cancel', '--execution-id', waiting);
  });

  it('stands in the history', async () => {
    const { entries } = (await world.json('env', 'history', FROZEN)) as unknown as { entries: { kind: string }[] };
    expect(entries.map(({ kind }) => kind).filter((kind) => kind !== 'run')).toEqual(['unfrozen', 'frozen']);
    expect(entries.filter(({ kind }) => kind === 'run')).toHaveLength(3);
  });

  it('of which the coordinator was never told keeps everybody waiting that is started after it', async () => {
    await inTransaction(world.pool, async (connection) => {
      await changeHolds(connection, FROZEN);
      await insertFreeze(connection, { environment: FROZEN, reason: 'unheard', by: 'lin', until: null });
    });
    expect(await known()).toMatchObject({ freeze: null });
    const held = idOf(await start(await planFor(FROZEN)));
    await waitsFor(held, 'frozen');
    expect(await world.json('env', 'unfreeze', FROZEN, '--reason', 'enough')).toMatchObject({ frozen_by: 'lin' });
    await becomes(held, 'running');
    await world.json('deploy', 'cancel', '--execution-id', held);
    await becomes(held, 'cancelled');
  });
});

it('a coordinator with open runs is told by the workers’ chore what a lost signal kept from it', async () => {
  const running = idOf(await start(await planFor(FROZEN)));
  await becomes(running, 'running');
  await inTransaction(world.pool, async (connection) => {
    await changeHolds(connection, FROZEN);
    await insertFreeze(connection, { environment: FROZEN, reason: 'unheard', by: 'lin', until: null });
  });
  await keepCoordinators(world.deps);
  await eventually(async () => expect(await known()).toMatchObject({ freeze: { reason: 'unheard' } }));
  await world.json('deploy', 'cancel', '--execution-id', running);
});

describe('a pin', () => {
  let [waiting, back] = ['', ''];

  it('is set by a person’s rollback, before what waits behind it is let in', async () => {
    back = idOf(await start(await planFor(PINNED, '2.0.0')));
    await becomes(back, 'running');
    waiting = idOf(await start(await planFor(PINNED, '3.0.0')));
    await waitsFor(waiting, 'devices-in-common');
    await world.json('deploy', 'rollback', '--execution-id', back, '--reason', 'slow');
    await becomes(back, 'rolled-back');
    await waitsFor(waiting, 'pinned');
    const pin = { application: null, pinned_by: 'ada', reason: 'slow', execution_id: back };
    expect(await world.json('env', 'show', PINNED)).toMatchObject({ pins: [pin] });
    expect(flat((await world.sluice('run', 'show', waiting)).stdout)).toContain(`sluice env unpin ${PINNED} --reason`);
    expect(flat((await world.sluice('env', 'queue', PINNED)).stdout)).toContain('pinned to what runs there by ada');
  });

  it('keeps another version from being started, and names who, why and the way out', async () => {
    const { exitCode, stderr } = await world.sluice('deploy', 'execute', '--plan-id', await planFor(PINNED, '3.1.0'));
    expect(exitCode).toBe(5);
    expect(flat(stderr)).toMatch(/pinned to what runs there by ada since .*\(slow\): 3\.1\.0 cannot be started/);
    expect(flat(stderr)).toContain(`sluice env unpin ${PINNED} --reason "…"`);
  });

  it('ends when a person unpins it: who waits is let in', async () => {
    expect(await code('env', 'unpin', PINNED, '--reason', ' ')).toBe('REASON_REQUIRED');
    await world.json('env', 'unpin', PINNED, '--reason', 'mended');
    await becomes(waiting, 'running');
    expect(await code('env', 'unpin', PINNED, '--reason', 'mended')).toBe('PIN_UNKNOWN');
    await world.json('deploy', 'cancel', '--execution-id', waiting);
  });

  it('may be set by hand to what was rolled out last, once', async () => {
    const done = idOf(await start(await planFor(PINNED, '4.0.0', [offer(1)])));
    await becomes(done, 'completed');
    expect(await world.json('env', 'pin', PINNED, '--reason', 'audit')).toMatchObject({ versions: ['4.0.0'] });
    expect(await code('env', 'pin', PINNED)).toBe('PIN_PRESENT');
    expect(await code('env', 'pin', PINNED, '--application', 'shop')).toBe('PLAN_TARGET_MISMATCH');
    expect((await start(await planFor(PINNED, '5.0.0'))).error?.code).toBe('VERSION_PINNED');
    await becomes(idOf(await start(await planFor(PINNED, '4.0.0', [offer(1)]))), 'completed');
  });

  it('stands in the history with what was deployed, the latest first', async () => {
    const { entries } = (await world.json('env', 'history', PINNED)) as unknown as { entries: Answer[] };
    const story = entries.map((one) => [one['kind'], one['version'] ?? one['reason'], one['result']]);
    expect(story).toEqual([
      ['run', '4.0.0', 'completed'],
      ['pinned', 'audit', undefined],
      ['run', '4.0.0', 'completed'],
      ['run', '3.0.0', 'cancelled'],
      ['unpinned', 'mended', undefined],
      ['pinned', 'slow', undefined],
      ['run', '2.0.0', 'rolled-back'],
    ]);
    expect(entries[0]).toMatchObject({ current: true, pinned: true, by: 'ada', firmware: firmware.name });
    expect(entries.find((one) => one['reason'] === 'slow')).toMatchObject({ execution_id: back });
    const { stdout } = await world.sluice('env', 'history', PINNED, '--limit', '2');
    expect(flat(stdout)).toContain('current · pinned ·');
    expect(stdout).toContain('older ones: --limit N');
  });
});
