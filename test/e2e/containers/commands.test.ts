// What people ask and tell while an application runs and is on its way.
import { createServer } from 'node:net';
import { beforeAll, describe, expect, it } from 'vitest';
import { LIN, SHOP, type Place } from '../../support/containers/container-stack.ts';
import { freePort } from '../../support/servers/ports.ts';
import { isAtBake, openReleaseScene } from './release-scene.ts';

const scene = openReleaseScene();
const REPLICAS = 2;
const STAYS = { strategy: 'blue_green', bake: '10m' };

let place: Place;
beforeAll(async () => {
  place = await scene.stack.openPlace({ name: 'shop', replicas: REPLICAS });
  await scene.release(place, SHOP.first);
});

const at = (): string[] => ['--environment', place.environment];
const holding = (part: object): unknown => expect.objectContaining(part);
const matching = (...parts: object[]): unknown => expect.arrayContaining(parts.map(holding));

describe('an application that serves', () => {
  it('is shown with its address, its release and its instances', async () => {
    const { answer } = await scene.sluice('app', 'show', 'shop', ...at());
    expect(answer).toMatchObject({
      name: 'shop',
      address: `http://127.0.0.1:${place.port}`,
      current: { version: SHOP.first, state: 'stable' },
      observed: true,
    });
    const instances = await scene.sluice('app', 'instances', 'shop', ...at());
    expect(instances.answer['instances']).toEqual(
      matching(
        { replica: 1, version: SHOP.first, state: 'running', routed: holding({ state: 'ready' }) },
        { replica: 2, version: SHOP.first, state: 'running' },
      ),
    );
  });

  it('shows the last lines of each instance', async () => {
    const { answer } = await scene.sluice('app', 'logs', 'shop', ...at());
    const logs = answer['logs'] as readonly { readonly lines: readonly string[] }[];
    expect(logs).toHaveLength(REPLICAS);
    for (const { lines } of logs) expect(lines.join('\n')).toContain(`shop ${SHOP.first} serves on 8080`);
  });

  it('is observed with its engine and router, and its environment can be deployed to', async () => {
    const { answer } = await scene.sluice('env', 'observe', place.environment);
    expect(answer['environments']).toEqual(
      matching({
        engines: matching({ name: 'local', answers: true }),
        router: holding({ answers: true }),
        applications: matching({ application: 'shop', weight_percent: 0 }),
      }),
    );
    const validated = await scene.sluice('env', 'validate', place.environment);
    expect(validated).toMatchObject({ exitCode: 0, answer: { valid: true } });
  });
});

describe('a release on its way', () => {
  it('leaves nothing behind when it is cancelled', async () => {
    const { run } = await scene.stack.deploy(place, SHOP.good, STAYS);
    await scene.until(run, 'its bake', isAtBake);
    const { exitCode } = await scene.sluice('deploy', 'cancel', '--execution-id', run, '--reason', 'not today');
    expect(exitCode).toBe(0);
    await scene.untilClosed(run, 'cancelled');
    await scene.expectServing(place, SHOP.first, REPLICAS);
  });

  it('gives way to the next version where that one says so, and holds its place otherwise', async () => {
    const { run: older } = await scene.stack.deploy(place, SHOP.good, STAYS);
    await scene.until(older, 'its bake', isAtBake);
    const refused = scene.stack.deploy(place, SHOP.bad, { ...STAYS, on_running: 'refuse' });
    await expect(refused).rejects.toMatchObject({ code: 'DEPLOYMENT_IN_PROGRESS' });
    const run = await scene.release(place, SHOP.good, { strategy: 'immediate', on_running: 'supersede' });
    await scene.untilClosed(older, 'cancelled');
    expect(run).not.toBe(older);
    await scene.expectServing(place, SHOP.good, REPLICAS);
  });

  it('is found by how it ended, and held against one that ended otherwise', async () => {
    const ended = async (phase: string): Promise<string> => {
      const { answer } = await scene.sluice('deploy', 'list', '--application', 'shop', ...at(), '--phase', phase);
      return (answer['deployments'] as readonly { readonly execution_id: string }[]).at(-1)?.execution_id ?? '';
    };
    const { answer } = await scene.sluice('run', 'diff', await ended('completed'), await ended('cancelled'));
    const differs = (path: string, a: unknown, b: unknown): unknown =>
      holding({ differences: matching({ path, change: 'changed', a, b }) });
    expect(answer).toMatchObject({
      same_kind: true,
      plan: differs('strategy', 'first', 'blue_green'),
      delivered: differs('version', SHOP.first, SHOP.good),
      results: differs('phase', 'completed', 'cancelled'),
      durations: { steps: matching({ step: 'stage', a: holding({ state: 'ended' }), b: holding({ state: 'ended' }) }) },
    });
  });

  it('is followed by a way back to the version before, and to nothing that runs already', async () => {
    const back = ['deploy', 'rollback', '--application', 'shop', ...at(), '--reason', 'slow'];
    const there = await scene.sluice(...back, '--to', SHOP.good);
    expect(there.answer).toMatchObject({ error: { code: 'ROLLBACK_NOOP' } });
    const { answer } = await scene.sluice(...back);
    expect(answer).toMatchObject({ version: SHOP.first });
    await scene.untilClosed(String(answer['execution_id']), 'completed');
    await scene.expectServing(place, SHOP.first, REPLICAS);
  });
});

describe('what a person took back', () => {
  const unpin = ['env', 'unpin', 'shop', '--application', 'shop', '--reason', 'mended'];

  it('is pinned: shown, told in the history, and no other version of it is started', async () => {
    const { answer } = await scene.sluice('app', 'show', 'shop', ...at());
    expect(answer).toMatchObject({ pin: { versions: [SHOP.first], pinned_by: LIN.name, reason: 'slow' } });
    await expect(scene.stack.deploy(place, SHOP.good)).rejects.toMatchObject({ code: 'VERSION_PINNED' });
    const history = await scene.sluice('env', 'history', place.environment, '--application', 'shop');
    const [pin, back, ...earlier] = history.answer['entries'] as readonly object[];
    expect(pin).toMatchObject({ kind: 'pinned', versions: [SHOP.first], reason: 'slow' });
    expect(back).toMatchObject({ version: SHOP.first, result: 'completed', current: true, pinned: true });
    expect(earlier).toEqual(matching({ version: SHOP.good, result: 'completed', stable: true, current: false }));
  });

  it('is deployed again after it was unpinned, and pinned again by a rollback of its run', async () => {
    expect((await scene.sluice(...unpin)).exitCode).toBe(0);
    const { run } = await scene.stack.deploy(place, SHOP.good, STAYS);
    await scene.until(run, 'its bake', isAtBake);
    await scene.sluice('deploy', 'rollback', '--execution-id', run, '--reason', 'slow again');
    await scene.untilClosed(run, 'rolled-back');
    const { answer } = await scene.sluice('env', 'show', place.environment);
    expect(answer['pins']).toMatchObject([{ application: 'shop', versions: [SHOP.first], execution_id: run }]);
    await scene.sluice(...unpin);
  });
});

describe('a release that cannot be', () => {
  it('is refused while it is planned when its image is nowhere', async () => {
    await expect(scene.stack.plan(place, '9.9.9')).rejects.toMatchObject({ code: 'IMAGE_NOT_FOUND' });
  });

  it('is refused while it is planned when its engine does not answer', async () => {
    const other = await scene.stack.openPlace({
      name: 'away',
      environment: { engines: [{ name: 'local', host: 'unix:///nowhere/docker.sock' }] },
    });
    await expect(scene.stack.plan(other, SHOP.first)).rejects.toMatchObject({ code: 'ENGINE_UNREACHABLE' });
    const { exitCode, answer } = await scene.sluice('env', 'validate', 'away');
    expect(exitCode).toBe(6);
    expect(answer).toMatchObject({ valid: false });
  });

  it('ends before anything is created when its port is another program’s or another application’s', async () => {
    const port = await freePort();
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(port, '127.0.0.1', resolve));
    try {
      for (const [name, taken] of [
        ['squatted', port],
        ['second', place.port],
      ] as const) {
        const other = await scene.stack.openPlace({ name, application: { routing: { listen_port: taken } } });
        const { run } = await scene.stack.deploy(other, SHOP.first);
        await scene.until(run, 'its end', ({ isClosed }) => isClosed);
        const { answer } = await scene.sluice('deploy', 'status', '--execution-id', run);
        expect(JSON.stringify(answer)).toContain(`127.0.0.1:${taken}`);
        expect(await scene.stack.containers(other)).toEqual([]);
      }
    } finally {
      squatter.close();
    }
    await scene.expectServing(place, SHOP.first, REPLICAS);
  });

  it('runs beside the same application of another environment on one engine', async () => {
    const engines = [{ name: 'local', host: `unix://${scene.stack.engine.socketPath}` }];
    await scene.stack.configure({ staging: { target: 'docker', engines } });
    const same = { environment: 'staging', application: 'shop', port: await freePort() };
    // Each place keeps the port that it was first given.
    await scene.stack.changeApplication(place, { routing: { listen_port: same.port } });
    await scene.release(same, SHOP.first);
    await scene.expectServing(same, SHOP.first, REPLICAS);
    await scene.expectServing(place, SHOP.first, REPLICAS);
  });
});
