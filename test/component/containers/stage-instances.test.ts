import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { sluiceError } from '#domain/errors/failure.ts';
import type { RunRef } from '#domain/ports/fleet.port.ts';
import type { ReleasePoint } from '../../../activities/containers/deps.ts';
import { plannedApplication } from '../../support/containers/container-plan.ts';
import { engineAt, openContainerWorld, type ContainerWorld } from '../../support/containers/container-world.ts';
import { attempt, codeOf } from '../../support/fleet/fleet-world.ts';

let world: ContainerWorld;
beforeAll(async () => {
  world = await openContainerWorld();
});
afterAll(() => world.close());
beforeEach(() => world.next());

const { container } = plannedApplication();
const stage = (ref: RunRef, replicas: readonly number[] = [1, 2]) =>
  attempt(world.activities.stageInstances, { ...ref, step: 'stage-1', replicas }).result;
const pull = (ref: RunRef) => attempt(world.activities.pullImage, ref).result;
const nameOf = (release: number, replica: number) => `shop-${release}-${replica}`;

describe('the image of a release', () => {
  it('is brought to every engine by its digest, once', async () => {
    const { ref } = await world.prepared('2.0.0', {
      application: { engines: [engineAt('local'), engineAt('second')] },
    });
    for (const { images } of Object.values(world.engines)) expect(images.isRegistryUp).toBe(true);
    expect(await pull(ref)).toMatchObject({
      kind: 'done',
      summary: expect.stringMatching(/^image sha256:a{12} /) as string,
    });
    expect(await pull(ref)).toMatchObject({ kind: 'done', summary: expect.stringContaining('2 engines') as string });
    expect(world.engines.second.calls).toContain(`pullImage ${container.image}`);
  });

  it('is missed by its own error, which no retry mends', async () => {
    const digest = `sha256:${'b'.repeat(64)}`;
    const image = {
      pin: 'registry-digest',
      image: `registry.example/shop@${digest}`,
      digest,
      sizeBytes: null,
    } as const;
    const { ref } = await world.prepared('2.0.0', { application: { image } });
    expect(await codeOf(pull(ref))).toBe('IMAGE_NOT_FOUND');
  });

  it('waits for an engine that is away', async () => {
    const { ref } = await world.prepared('2.0.0');
    world.engines.local.setUp(false);
    expect(await codeOf(pull(ref))).toBe('ENGINE_UNREACHABLE');
  });
});

describe('staged instances', () => {
  it('run, each under a name and labels that tell whose it is', async () => {
    const { ref, release, generation } = await world.prepared('2.0.0');
    expect(await stage(ref)).toMatchObject({
      kind: 'done',
      summary: '2 instances of 2.0.0 started',
      facts: { instances: [nameOf(1, 1), nameOf(1, 2)] },
    });
    const found = await world.containers();
    expect(found.map(({ name, state }) => [name, state])).toEqual([
      [nameOf(1, 1), 'running'],
      [nameOf(1, 2), 'running'],
    ]);
    expect(found[1]?.labels).toEqual({
      environment: world.environment,
      application: 'shop',
      version: '2.0.0',
      release,
      replica: 2,
      run: ref.run,
      step: 'stage-1',
      generation,
      plan: ref.digest,
      spec: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
  });

  it('are unknown to the router until they have proved themselves', async () => {
    await world.staged('2.0.0');
    expect((await world.route()).members).toEqual([]);
  });

  it('stay the same when the answer was lost and the step is repeated', async () => {
    const { ref } = await world.prepared('2.0.0');
    await stage(ref);
    const before = await world.containers();
    await stage(ref);
    expect(await world.containers()).toEqual(before);
  });

  it('are made anew where a dying engine left one that it cannot start any more', async () => {
    const { ref } = await world.prepared('2.0.0');
    const [name, { local }] = [nameOf(1, 1), world.engines];
    const stuck = sluiceError('CONTAINER_STUCK', { name, engine: 'local', why: 'id already in use' });
    vi.spyOn(local, 'startReplica').mockRejectedValueOnce(stuck);
    expect(await stage(ref, [1])).toMatchObject({ kind: 'done' });
    expect((await world.containers()).map((one) => [one.name, one.state])).toEqual([[name, 'running']]);
    const made = local.calls.filter((call) => call.endsWith(name));
    expect(made).toEqual([
      `createReplica ${name}`,
      `removeReplica ${name}`,
      `createReplica ${name}`,
      `startReplica ${name}`,
    ]);
  });

  it.each<ReleasePoint>(['container-created', 'container-started'])(
    'are one each after a death at %s',
    async (point) => {
      const { ref } = await world.prepared('2.0.0');
      world.dieAt(point);
      await expect(stage(ref)).rejects.toThrow(`died at ${point}`);
      const made = (await world.containers()).map(({ id }) => id);
      expect(made.length).toBeGreaterThan(0);
      await stage(ref);
      const found = await world.containers();
      expect(found.map(({ name, state }) => [name, state])).toEqual([
        [nameOf(1, 1), 'running'],
        [nameOf(1, 2), 'running'],
      ]);
      expect(found.map(({ id }) => id)).toEqual(expect.arrayContaining(made));
    },
  );

  it('take turns on two engines', async () => {
    const { ref } = await world.prepared('2.0.0', {
      application: { engines: [engineAt('local'), engineAt('second')], replicas: 3 },
    });
    await stage(ref, [1, 2, 3]);
    expect((await world.containers()).map(({ engine }) => engine)).toEqual(['local', 'second', 'local']);
  });

  it('of two environments live side by side on one engine', async () => {
    const first = await world.prepared('2.0.0');
    await stage(first.ref);
    const mine = await world.containers();
    const { engines, router, environment } = world;
    world.next();
    Object.assign(world, { engines, router, countsAnew: false });
    const second = await world.prepared('2.0.0');
    expect([second.release, second.generation]).toEqual([first.release + 1, first.generation]);
    await stage(second.ref);
    expect(await world.names()).toEqual([nameOf(second.release, 1), nameOf(second.release, 2)]);
    expect(await world.engines.local.listReplicas({ environment })).toEqual(mine);
  });

  it('do not take a name that somebody else has', async () => {
    const { ref } = await world.prepared('2.0.0');
    world.engines.local.addForeign(nameOf(1, 1));
    expect(await codeOf(stage(ref))).toBe('CONTAINER_FOREIGN');
  });
});

describe('secrets of containers', () => {
  const TOKEN = 'correct-horse-battery';

  beforeEach(() => {
    writeFileSync(join(world.dataDirectory, 'token'), `${TOKEN}\n`);
  });

  it('reach them, and neither labels nor the database', async () => {
    const seen: (string | undefined)[] = [];
    const { createReplica } = world.engines.local;
    world.engines.local.createReplica = (replica, bounds) => {
      seen.push(replica.env['TOKEN'], replica.env['MODE']);
      return createReplica.call(world.engines.local, replica, bounds);
    };
    const env = { TOKEN: { secretRef: 'file:token' }, MODE: 'fast' };
    const { ref } = await world.prepared('2.0.0', { application: { container: { ...container, env } } });
    const outcome = await stage(ref, [1]);
    expect(seen).toEqual([TOKEN, 'fast']);
    expect(JSON.stringify([outcome, await world.containers()])).not.toContain(TOKEN);
    const { rows } = await world.pool.query<{ text: string }>(
      `select coalesce(string_agg(t::text, ''), '') as text from (select * from releases) as t
       union all select coalesce(string_agg(t::text, ''), '') from (select * from application_places) as t`,
    );
    expect(rows.map(({ text }) => text).join('')).not.toContain(TOKEN);
  });

  it('that cannot be read stop it before a container is made', async () => {
    const env = { TOKEN: { secretRef: 'file:nowhere' } };
    const { ref } = await world.prepared('2.0.0', { application: { container: { ...container, env } } });
    expect(await codeOf(stage(ref))).toBe('SECRET_UNRESOLVED');
    expect(await world.names()).toEqual([]);
  });
});
