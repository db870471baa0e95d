import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyConfiguration } from '../../../client/engine/environments/apply-configuration.ts';
import { eventually } from '../../support/eventually.ts';
import { aPlan, approve, bake, HOUR_MS, offer } from '../../support/runs/plan-builder.ts';
import { openCliWorld, type CliWorld } from './cli-world.ts';

interface Shown {
  readonly execution_id: string;
  readonly position?: number;
  readonly why?: string;
  readonly behind?: readonly string[];
}
interface Queue {
  readonly maximum: number;
  readonly holders: readonly Shown[];
  readonly waiting: readonly Shown[];
}

const NAME = `queue-${randomUUID()}`;
const environment = { ...aPlan().environment, name: NAME };
let world: CliWorld;
let [first, second] = ['', ''];

const start = async (): Promise<string> => {
  const plan = await world.plan({ environment, steps: [offer(1), bake(1, HOUR_MS), offer(2)] }, { isConfigured: true });
  return (await world.json('deploy', 'execute', '--plan-id', plan))['execution_id'] as string;
};
const readQueue = async (): Promise<Queue> => (await world.json('env', 'queue', NAME)) as unknown as Queue;

beforeAll(async () => {
  world = await openCliWorld();
  const content = JSON.stringify({ environments: { [NAME]: { device_groups: [], max_concurrent_deployments: 3 } } });
  await applyConfiguration(world.deps, { by: 'test', file: { name: 'test', content } });
});
afterAll(() => world.close());

describe('the queue of an environment', () => {
  it('is empty where no run ever was', async () => {
    expect(await world.json('env', 'queue', NAME)).toEqual({
      environment: NAME,
      emergency: null,
      maximum: 3,
      freeze: null,
      pins: [],
      holders: [],
      resting: [],
      waiting: [],
      asking: [],
    });
    expect((await world.sluice('env', 'queue', NAME)).stdout).toBe(
      `${NAME}: no run is under way or waits · at most 3 at once\n`,
    );
  });

  it('is refused for an environment that nobody knows', async () => {
    expect(await world.json('env', 'queue', 'nowhere')).toMatchObject({ error: { code: 'ENVIRONMENT_UNKNOWN' } });
  });

  it('shows who is under way and who waits behind it, as the run itself does', async () => {
    first = await start();
    await eventually(async () => expect((await readQueue()).holders.map((one) => one.execution_id)).toEqual([first]));
    second = await start();
    await eventually(async () =>
      expect((await readQueue()).waiting).toMatchObject([
        { execution_id: second, position: 1, why: 'devices-in-common', behind: [first] },
      ]),
    );
    const shown = await world.json('run', 'show', second);
    expect(shown).toMatchObject({ status: 'queued', queue: { position: 1, of: 1, behind: [first] } });
    const { stdout } = await world.sluice('run', 'show', second);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(`waiting first of 1 in the queue of ${NAME} · behind ${first} (`);
  });

  it('lets the next one in when the first is over', async () => {
    await world.json('deploy', 'cancel', '--execution-id', first, '--reason', 'enough');
    await eventually(async () =>
      expect(await readQueue()).toMatchObject({ holders: [{ execution_id: second }], waiting: [] }),
    );
    expect(await world.json('run', 'show', second)).toMatchObject({ queue: null });
  });

  it('shows who asks people, since when and how often they were reminded, as the run itself does', async () => {
    const content = JSON.stringify({
      environments: { patient: { device_groups: [], approvals: { remind_after: '1s' } } },
    });
    await applyConfiguration(world.deps, { by: 'test', file: { name: 'test', content } });
    const steps = [approve(), offer(1)];
    const asking = { ...aPlan().environment, name: 'patient' };
    const plan = await world.plan({ environment: asking, steps }, { isConfigured: true });
    const run = (await world.json('deploy', 'execute', '--plan-id', plan))['execution_id'] as string;
    const queue = await eventually(async () => {
      const { asking: [one] = [] } = (await world.json('env', 'queue', 'patient')) as unknown as {
        asking: readonly { execution_id: string; approval: { reminded: number } }[];
      };
      expect(one).toMatchObject({ execution_id: run, approval: { role: 'approver', missing: 1, gate: 'approve-1' } });
      expect(one?.approval.reminded).toBeGreaterThan(1);
      return one;
    });
    expect(queue).toMatchObject({ approval: { since: expect.any(String) as string, expires_at: null } });
    const text = (await world.sluice('env', 'queue', 'patient')).stdout;
    expect(text).toMatch(/^patient: .* 1 asking people/);
    expect(text).toMatch(new RegExp(`${run} +1 of role approver .*ago\\) +\\d×`));
    const shown = (await world.sluice('run', 'show', run)).stdout.replaceAll(/\s+/g, ' ');
    expect(shown).toMatch(/asked .* ago\) · reminded \d+ times, last .*\) · never expires/);
    const { rows } = await world.pool.query(
      "select payload from outbox where run_id = $1 and topic = 'gate-reminder'",
      [run],
    );
    expect(rows.length).toBeGreaterThan(0);
    await world.json('deploy', 'cancel', '--execution-id', run, '--reason', 'enough');
  });

  it('says that no worker answers, while the run is still shown', async () => {
    const third = await start();
    await eventually(async () => expect((await readQueue()).waiting).toMatchObject([{ execution_id: third }]));
    await world.stopWorker();
    expect(await world.json('env', 'queue', NAME)).toMatchObject({
      error: { code: 'STACK_NOT_RUNNING', found: `no answer from environment/${NAME}` },
    });
    expect(await world.json('run', 'show', third)).toMatchObject({ status: 'queued', queue: null });
  });
});
