import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EngineAddress } from '#domain/containers/engine-address.ts';
import type { ContainerEngine, Replica } from '#domain/ports/container-engine.port.ts';
import { insertPlace } from '../../../activities/adapters/postgres/application-places.ts';
import { inTransaction } from '../../../activities/adapters/postgres/pool.ts';
import { insertRelease, type ReleaseRow } from '../../../activities/adapters/postgres/release-rows.ts';
import type { ContainerWork } from '../../../activities/containers/deps.ts';
import { validateEnvironment } from '../../../activities/containers/validate-environment.ts';
import { plannedApplication } from '../../support/containers/container-plan.ts';
import { FakeContainerEngine } from '../../support/fakes/fake-container-engine.ts';
import { FakeRouter } from '../../support/fakes/fake-router.ts';
import { openFleetWorld, type FleetWorld } from '../../support/fleet/fleet-world.ts';

const ADDRESS: EngineAddress = { name: 'local', way: { kind: 'socket', path: '/x' }, reach: { kind: 'bridge' } };

let world: FleetWorld;
let service: Server;
let status: number;
let engine: FakeContainerEngine;
let router: FakeRouter;

beforeAll(async () => {
  world = await openFleetWorld();
  service = createServer((_request, response) => response.writeHead(status).end());
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  const image = {
    pin: 'image-id',
    image: `sha256:${'a'.repeat(64)}`,
    digest: `sha256:${'a'.repeat(64)}`,
    sizeBytes: 1,
  } as const;
  const row: ReleaseRow = {
    environment: 'production',
    application: 'shop',
    release: 7,
    run: 'exe_1',
    planId: 'plan_1',
    generation: 1,
    version: '2.0.0',
    digest: image.digest,
    arm: 'a',
    listenPort: 8_100,
    spec: plannedApplication({ replicas: 1, image, engines: [ADDRESS] }),
    state: 'stable',
    before: null,
  };
  await inTransaction(world.pool, async (connection) => {
    await insertPlace(connection, { environment: 'production', application: 'shop', listenPort: 8_100 });
    await insertRelease(connection, row);
  });
});
afterAll(async () => {
  service.closeAllConnections();
  service.close();
  await world.close();
});
beforeEach(() => {
  status = 200;
  engine = new FakeContainerEngine({ name: 'local', images: [] });
  router = new FakeRouter();
});

const running = (): Replica =>
  ({
    engine: 'local',
    id: 'one',
    name: 'shop-7-1',
    state: 'running',
    labels: { replica: 1 },
    address: { host: '127.0.0.1', port: (service.address() as AddressInfo).port },
    exit: null,
  }) as unknown as Replica;

async function validate(listed: Replica[] = [running()]) {
  const listing = engine.listReplicas.bind(engine);
  engine.listReplicas = async (filter, bounds) => [...(await listing(filter, bounds)), ...listed];
  const work = {
    ...world,
    listenHost: '127.0.0.1',
    engine: (): Promise<ContainerEngine> => Promise.resolve(engine),
    router,
    pulse: { note: () => undefined },
    signal: new AbortController().signal,
  } satisfies ContainerWork;
  return validateEnvironment(work, { environment: 'production', engines: [ADDRESS] });
}

describe('the look at an environment', () => {
  it('passes when all that is in use is well', async () => {
    expect(await validate()).toMatchObject([
      { name: 'resource_availability', kind: 'passed' },
      { name: 'network_connectivity', kind: 'passed', findings: ['router: answers', 'shop-7-1: reachable'] },
      { name: 'service_health', kind: 'passed', findings: ['shop: 1 of 1 instances well'] },
    ]);
  });

  it('fails for an instance that answers badly, or has ended', async () => {
    status = 503;
    expect((await validate())[2]).toMatchObject({
      kind: 'failed',
      findings: ['shop: 0 of 1 instances well', 'shop-7-1: 503 instead of 200'],
    });
    const ended = {
      ...running(),
      state: 'exited',
      address: null,
      exit: { code: 1, outOfMemory: false, at: '' },
    } as const;
    engine = new FakeContainerEngine({ name: 'local', images: [] });
    expect((await validate([ended]))[2]).toMatchObject({
      findings: expect.arrayContaining(['shop-7-1: exited 1']) as string[],
    });
  });

  it('fails, with the reasons, when engine and router do not answer', async () => {
    engine.setUp(false);
    router.stop();
    const [resources, network, health] = await validate();
    expect(resources).toMatchObject({
      kind: 'failed',
      findings: [expect.stringMatching(/^engine local: .*it was told to be down/)],
      hint: expect.stringContaining('start the engine') as string,
    });
    expect(network).toMatchObject({ kind: 'failed', findings: [expect.stringMatching(/^router: /)] });
    expect(health).toMatchObject({ kind: 'failed', findings: ['shop: 0 of 1 instances well'] });
  });
});
