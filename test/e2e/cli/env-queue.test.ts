import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyConfiguration } from '../../../client/engine/environments/apply-configuration.ts';
import { eventually } from '../../support/eventually.ts';
import { aPlan, bake, HOUR_MS, offer } from '../../support/runs/plan-builder.ts';
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
      holders: [],
      resting: [],
      waiting: [],
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
