import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunRef } from '#domain/ports/fleet.port.ts';
import type { WatchedOutcome } from '#domain/ports/release.port.ts';
import { readEvidence } from '../../../activities/adapters/postgres/evidence.ts';
import { shiftedAt } from '../../../activities/adapters/postgres/release-rows.ts';
import { plannedApplication } from '../../support/containers/container-plan.ts';
import { openContainerWorld, REPLICAS, soon, type ContainerWorld } from '../../support/containers/container-world.ts';
import { attempt, codeOf } from '../../support/fleet/fleet-world.ts';

let world: ContainerWorld;
beforeAll(async () => {
  world = await openContainerWorld();
});
afterAll(() => world.close());
beforeEach(() => world.next());

/** Enough for all that is expected to fail. */
const SHORT_MS = 600;
const { container } = plannedApplication();
const nameOf = (release: number, replica: number) => `shop-${release}-${replica}`;

interface Wish {
  readonly replicas?: readonly number[];
  readonly withinMs?: number;
  readonly join?: 'beside' | 'among';
}

function verify(ref: RunRef, { replicas = REPLICAS, withinMs, join: where = 'beside' }: Wish = {}) {
  const wish = { ...ref, look: null, step: 'verify-1', replicas, join: where, deadlineAt: soon(withinMs) };
  return attempt(world.activities.verifyInstances, wish).result;
}

/** What was kept of an outcome, which must be a bad one. */
async function evidenceOf(ref: RunRef, outcome: WatchedOutcome) {
  expect(outcome.kind).toBe('unhealthy');
  const [kept, ...others] = await readEvidence(world.pool, ref.run);
  expect(others).toEqual([]);
  expect(kept).toMatchObject({ id: (outcome as { evidence: string }).evidence, step: 'verify-1' });
  return kept?.body ?? {};
}

describe('instances that are ready', () => {
  it('become members of the new arm, without traffic', async () => {
    const { ref } = await world.staged('2.0.0');
    expect(await verify(ref)).toMatchObject({ kind: 'done', summary: '2 instances of 2.0.0 ready' });
    const { members, canaryBasisPoints } = await world.route();
    expect(members.map(({ name, arm, state }) => [name, arm, state])).toEqual([
      [nameOf(1, 1), 'a', 'ready'],
      [nameOf(1, 2), 'a', 'ready'],
    ]);
    expect(canaryBasisPoints).toBe(0);
    expect(world.router.applied.at(-1)?.members).toEqual(members);
  });

  it('join those in use among them or in the other arm, as the run has its place', async () => {
    await world.serving('1.0.0');
    const rolling = { strategy: { kind: 'rolling', maxSurge: 1, maxUnavailable: 0 } } as const;
    const { ref } = await world.staged('2.0.0', { plan: rolling });
    await verify(ref, { replicas: [1], join: 'among' });
    expect((await world.route()).members.map(({ name, arm }) => [name, arm])).toEqual([
      [nameOf(1, 1), 'a'],
      [nameOf(1, 2), 'a'],
      [nameOf(2, 1), 'a'],
    ]);
  });

  it('that join those in use get traffic by that: the judge looks from then on', async () => {
    await world.serving('1.0.0');
    const rolling = { strategy: { kind: 'rolling', maxSurge: 1, maxUnavailable: 0 } } as const;
    const { ref } = await world.staged('2.0.0', { plan: rolling });
    await verify(ref, { replicas: [1], join: 'among' });
    const first = await shiftedAt(world.pool, ref.run);
    expect(first).not.toBeNull();
    await verify(ref, { replicas: [1], join: 'among' });
    expect(await shiftedAt(world.pool, ref.run)).toBe(first);
    await verify(ref, { replicas: [2], join: 'among' });
    expect(await shiftedAt(world.pool, ref.run)).not.toBe(first);
  });

  it('are the same members when the step is repeated', async () => {
    const { ref } = await world.verified('2.0.0');
    const before = await world.route();
    expect(await verify(ref)).toMatchObject({ kind: 'done' });
    expect(await world.route()).toEqual(before);
  });

  it.each(['instances-ready', 'route-written', 'route-applied'] as const)(
    'are members after a death at %s and another attempt',
    async (point) => {
      const { ref } = await world.staged('2.0.0');
      world.dieAt(point);
      await expect(verify(ref)).rejects.toThrow(`died at ${point}`);
      expect(await verify(ref)).toMatchObject({ kind: 'done' });
      expect(world.router.applied.at(-1)?.members).toHaveLength(2);
      expect((await world.route()).members).toHaveLength(2);
    },
  );
});

describe('an instance that is not', () => {
  it('is found in time to answer badly, and its last answer and lines are kept', async () => {
    world.answers.set('2.0.0', (_request, response) => response.writeHead(503).end('warming up'));
    const { ref } = await world.staged('2.0.0');
    world.engines.local.write(nameOf(1, 1), 'cannot open the database');
    const outcome = await verify(ref, { withinMs: SHORT_MS });
    const name = nameOf(1, 1);
    expect(outcome).toMatchObject({
      summary: expect.stringMatching(
        `^${name} of 2.0.0: not ready within \\d+ ms: 503 instead of 200 .and 1 more`,
      ) as string,
    });
    const body = await evidenceOf(ref, outcome);
    expect(body).toMatchObject({ application: 'shop', version: '2.0.0' });
    expect((body['instances'] as unknown[])[0]).toMatchObject({
      name,
      seen: { lastAnswer: { status: 503, answer: 'warming up' } },
      lastLogLines: ['cannot open the database'],
      container: { engine: 'local', state: 'running', exit: null },
      memoryBytes: 4_000_000,
    });
    expect((await world.route()).members).toEqual([]);
  });

  it('is not waited for after it has ended', async () => {
    const { ref } = await world.prepared('2.0.0');
    world.behaviour.set('2.0.0', { kind: 'ends', code: 3, lines: ['no such option'] });
    await attempt(world.activities.stageInstances, { ...ref, step: 'stage', replicas: [1] }).result;
    const outcome = await verify(ref, { replicas: [1] });
    expect(outcome).toMatchObject({ summary: `${nameOf(1, 1)} of 2.0.0: exited 3` });
    expect((await evidenceOf(ref, outcome))['instances']).toMatchObject([
      { lastLogLines: ['no such option'], container: { state: 'exited', exit: { code: 3, outOfMemory: false } } },
    ]);
  });

  it('is not waited for when it ends meanwhile, out of memory', async () => {
    const asked = Promise.withResolvers<void>();
    world.answers.set('2.0.0', () => asked.resolve());
    const { ref } = await world.staged('2.0.0');
    const wait = verify(ref, { replicas: [1] });
    await asked.promise;
    await world.engines.local.end(nameOf(1, 1), 137, true);
    const outcome = await wait;
    expect(outcome).toMatchObject({ summary: `${nameOf(1, 1)} of 2.0.0: exited 137, out of memory` });
    expect((await evidenceOf(ref, outcome))['instances']).toMatchObject([{ container: { state: 'exited' } }]);
  });

  it('is one that the router cannot reach, though we can', async () => {
    const { ref } = await world.staged('2.0.0');
    world.router.setUp(nameOf(1, 2), false);
    const outcome = await verify(ref, { withinMs: SHORT_MS });
    expect(outcome).toMatchObject({ summary: `${nameOf(1, 2)} of 2.0.0: the router does not find it up` });
    expect((await evidenceOf(ref, outcome))['instances']).toHaveLength(1);
  });

  it('is one that somebody has removed', async () => {
    const { ref } = await world.staged('2.0.0');
    await world.engines.local.removeReplica(nameOf(1, 2));
    expect(await verify(ref)).toMatchObject({
      kind: 'unhealthy',
      summary: '1 of 2 instances of 2.0.0 are there: somebody removed the others',
    });
  });

  it('tells its secrets nowhere', async () => {
    const token = 'correct-horse-battery';
    writeFileSync(join(world.dataDirectory, 'token'), token);
    world.answers.set('2.0.0', (_request, response) => response.writeHead(500).end(`bad ${token}`));
    const env = { TOKEN: { secretRef: 'file:token' } };
    const { ref } = await world.staged('2.0.0', { application: { container: { ...container, env } } });
    world.engines.local.write(nameOf(1, 1), `connecting with ${token} and postgres://shop:hunter2@db/shop`);
    const outcome = await verify(ref, { withinMs: SHORT_MS });
    const text = JSON.stringify([outcome, await evidenceOf(ref, outcome)]);
    expect(text).toContain('connecting with');
    expect(text).not.toContain(token);
    expect(text).not.toContain('hunter2');
  });
});

it('a wait ends at once when the run wants it to', async () => {
  world.answers.set('2.0.0', () => undefined);
  const { ref } = await world.staged('2.0.0');
  const wish = {
    ...ref,
    look: null,
    step: 'verify-1',
    replicas: REPLICAS,
    join: 'beside',
    deadlineAt: soon(),
  } as const;
  const wait = attempt(world.activities.verifyInstances, wish);
  wait.cancel();
  await expect(wait.result).rejects.toThrow();
  expect((await world.route()).members).toEqual([]);
});

it('a router that is away is waited for by another attempt', async () => {
  const { ref } = await world.staged('2.0.0');
  world.router.stop();
  expect(await codeOf(verify(ref))).toBe('ROUTER_UNREACHABLE');
  world.router.start();
  expect(await verify(ref)).toMatchObject({ kind: 'done' });
});
