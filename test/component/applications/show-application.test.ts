import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { instancesDocument, shownDocument } from '../../../client/engine/applications/application-document.ts';
import { followApplicationLogs, readApplicationLogs } from '../../../client/engine/applications/application-logs.ts';
import {
  expectDeployed,
  listApplications,
  showApplication,
} from '../../../client/engine/applications/show-application.ts';
import { renderApplication, renderApplications } from '../../../client/cli/render/application.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import type { ObservedEnvironment, ObservedInstance } from '#domain/ports/container-operations.port.ts';
import { CONFIGURATION, openReleaseWorld, SHOP, type ReleaseWorld } from '../../support/containers/release-world.ts';
import { lookAt } from '../../unit/runs/sample-run.ts';

const look = lookAt(new Date().toISOString());

let world: ReleaseWorld;
beforeAll(async () => {
  world = await openReleaseWorld();
  await world.configure(CONFIGURATION);
  await world.applications(SHOP);
  await world.applications('applications: { stock: { image: registry.test/stock, port: 8080 } }');
  for (const [release, version] of [
    [6, '1.0.0'],
    [7, '1.1.0'],
  ] as const) {
    const { plan } = await world.plan({ application: 'shop', version, environment: 'production' });
    await world.release(plan, release);
  }
});
afterAll(() => world.close());
beforeEach(() => {
  world.worker.observed = seen(['shop-7-1', 'shop-7-2']);
});

function instance(name: string): ObservedInstance {
  const labels = { environment: 'production', application: 'shop', version: '1.1.0', release: 7, replica: 1 };
  return {
    engine: 'local',
    id: name,
    name,
    state: 'running',
    labels: { ...labels, run: 'exe_7', step: 'stage', generation: 7, spec: '', plan: '' },
    address: { host: '172.17.0.2', port: 8080 },
    startedAt: '2025-11-21T14:00:00.000Z',
    exit: null,
    image: 'registry.test/shop',
    imageId: '',
    arm: 'a',
    routed: { up: true, state: 'ready', inFlight: 3 },
  };
}

const seen = (names: readonly string[]): ObservedEnvironment => ({
  environment: 'production',
  engines: [],
  router: { kind: 'silent', why: '' },
  applications: [
    {
      application: 'shop',
      address: { host: '127.0.0.1', port: 8123 },
      canaryBasisPoints: 0,
      stableArm: 'a',
      instances: names.map(instance),
    },
  ],
  rebuilt: [],
});

describe('showing an application', () => {
  it('tells programs where clients reach it, what is in use, what was before, and what runs', async () => {
    expect(shownDocument(await showApplication(world.deps, 'shop', undefined))).toMatchObject({
      name: 'shop',
      environment: 'production',
      address: 'http://127.0.0.1:8123',
      current: { release: 7, version: '1.1.0', replicas: 4, state: 'stable' },
      previous: { release: 6, version: '1.0.0', state: 'retired' },
      observed: true,
      instances: [
        { instance: 'shop-7-1', version: '1.1.0', routed: { up: true, in_flight: 3 } },
        { instance: 'shop-7-2' },
      ],
      releases: [{ release: 7 }, { release: 6 }],
      spec: { image: 'registry.test/shop', port: 8080, replicas: 4 },
    });
  });

  it('tells people the same, and the command that goes back', async () => {
    const text = renderApplication(await showApplication(world.deps, 'shop', 'production'), look);
    expect(text).toContain('shop · production');
    expect(text).toContain('http://127.0.0.1:8123');
    expect(text).toMatch(/current +1\.1\.0 · release 7 · sha256:/);
    expect(text).toContain('up, ready, 3 in flight');
    expect(text).toContain('sluice deploy rollback --application shop --environment production --reason "…"');
  });

  it('says what it could not see instead of what it believes', async () => {
    world.worker.observed = sluiceError('STACK_NOT_RUNNING', { part: 'a worker', address: 'nowhere' });
    const shown = await showApplication(world.deps, 'shop', undefined);
    expect(shownDocument(shown)).toMatchObject({ address: 'http://127.0.0.1:8100', observed: false, instances: [] });
    expect(renderApplication(shown, look)).toContain(
      'what runs could not be seen: a worker does not answer at nowhere',
    );
  });

  it('knows one that was deployed nowhere, whose instances nobody can show', async () => {
    expect(shownDocument(await showApplication(world.deps, 'stock', undefined))).toMatchObject({
      address: null,
      current: null,
    });
    expect(renderApplication(await showApplication(world.deps, 'stock', undefined), look)).toContain(
      'deployed nowhere',
    );
    await expect(expectDeployed(world.deps, 'stock', undefined)).rejects.toMatchObject({
      code: 'APPLICATION_NOT_DEPLOYED',
    });
    expect(instancesDocument(await expectDeployed(world.deps, 'shop', undefined))).toMatchObject({ observed: true });
  });

  it('lists all of them with what is in use', async () => {
    const list = renderApplications(await listApplications(world.deps), look);
    expect(list).toMatch(/shop +production 1\.1\.0/);
    expect(list).toMatch(/stock +nowhere/);
  });

  it('asks which one when it is in two environments', async () => {
    const { plan } = await world.plan({ application: 'stock', version: '1', environment: 'production' });
    await world.release(plan, 1);
    await world.release((await world.plan({ application: 'stock', version: '1', environment: 'staging' })).plan, 1);
    await expect(showApplication(world.deps, 'stock', undefined)).rejects.toMatchObject({
      code: 'APPLICATION_PLACE_UNCLEAR',
    });
    expect(shownDocument(await showApplication(world.deps, 'stock', 'staging'))).toMatchObject({
      environment: 'staging',
    });
  });
});

describe('logs', () => {
  const wish = { application: 'shop', environment: undefined, instance: undefined, lines: 2 };

  it('are those of each instance, or of the one that is named', async () => {
    world.worker.logs = [
      { instance: 'shop-7-1', lines: ['a', 'b'] },
      { instance: 'shop-7-2', lines: ['c'] },
    ];
    expect(await readApplicationLogs(world.deps, wish)).toHaveLength(2);
    expect(await readApplicationLogs(world.deps, { ...wish, instance: 'shop-7-2' })).toEqual([world.worker.logs[1]]);
    const nobody = readApplicationLogs(world.deps, { ...wish, instance: 'shop-9-1' });
    await expect(nobody).rejects.toMatchObject({ code: 'INSTANCE_UNKNOWN' });
  });

  it('are followed: first the last lines, then each new one once', async () => {
    world.worker.logs = [{ instance: 'shop-7-1', lines: ['a', 'b', 'c'] }];
    const stop = new AbortController();
    const lines: string[] = [];
    for await (const { line } of followApplicationLogs(world.deps, wish, stop.signal)) {
      lines.push(line);
      world.worker.logs = [{ instance: 'shop-7-1', lines: ['b', 'c', 'd'] }];
      if (line === 'd') stop.abort();
    }
    expect(lines).toEqual(['b', 'c', 'd']);
  });
});
