import { createHash } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { GateCheck, LoadTest } from '#domain/plan/steps.ts';
import { findEvidence } from '../../../activities/adapters/postgres/evidence.ts';
import type { GateContainers } from '../../../activities/gates/deps.ts';
import { createGateActivities } from '../../../activities/gates/gates.activities.ts';
import { containerPlanOf, storeContainerPlan } from '../../support/containers/container-plan.ts';
import { attempt, openFleetWorld, type FleetWorld } from '../../support/fleet/fleet-world.ts';
import { startRegistry, type RegistryServer } from '../../support/servers/registry.ts';

let world: FleetWorld;
let registry: RegistryServer;
let service: Server;
let answer: RequestListener;

beforeAll(async () => {
  world = await openFleetWorld();
  registry = await startRegistry();
  service = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  service.closeAllConnections();
  service.close();
  await registry.stop();
  await world.close();
});
beforeEach(() => {
  answer = (_request, response) => response.end('ok');
});

const sha256 = (bytes: string): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

async function must(response: Promise<Response>): Promise<Response> {
  const { ok, status } = await response;
  expect(ok, `status ${status}`).toBe(true);
  return response;
}

/** Pushes a manifest of `text` under `tag`; its digest. */
async function push(repository: string, tag: string, text: string): Promise<string> {
  const begun = await must(fetch(`${registry.url}/v2/${repository}/blobs/uploads/`, { method: 'POST' }));
  const place = new URL(begun.headers.get('location') ?? '', registry.url);
  place.searchParams.set('digest', sha256(text));
  await must(fetch(place, { method: 'PUT', body: text, headers: { 'content-type': 'application/octet-stream' } }));
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const blob = { digest: sha256(text), size: text.length };
  const config = { mediaType: 'application/vnd.oci.image.config.v1+json', ...blob };
  const manifest = JSON.stringify({ schemaVersion: 2, mediaType, config, layers: [] });
  const headers = { 'content-type': mediaType };
  await must(fetch(`${registry.url}/v2/${repository}/manifests/${tag}`, { method: 'PUT', body: manifest, headers }));
  return sha256(manifest);
}

async function planned(repository: string) {
  const digest = await push(repository, '2.0.0', `{"of":"${repository}"}`);
  const image = `${registry.host}/${repository}@${digest}`;
  const plan = containerPlanOf({
    reference: `${registry.host}/${repository}:2.0.0`,
    image: { pin: 'registry-digest', image, digest, sizeBytes: null },
  });
  return { digest, ref: await storeContainerPlan(world.pool, plan) };
}

const tagOf = (digest: string, suffix: string): string => `${digest.replace(':', '-')}.${suffix}`;

type Ref = Awaited<ReturnType<typeof storeContainerPlan>>;

function evaluate(ref: Ref, check: GateCheck, containers: Partial<GateContainers> | null = {}) {
  const step = { kind: 'gate', id: 'gate-one', gate: 'one', phase: 'pre', required: true, check } as const;
  const none: GateContainers = {
    instancesOf: () => Promise.resolve([]),
    imageOf: () => Promise.resolve([]),
    judge: () => Promise.reject(new Error('the engine is away')),
  };
  const deps = { ...world, env: { PATH: process.env['PATH'] }, containers: containers && { ...none, ...containers } };
  return attempt(createGateActivities(deps).evaluateGate, { ...ref, step }).result;
}

const holding = (...digests: (string | null)[]): Partial<GateContainers> => ({
  imageOf: () => Promise.resolve(digests.map((digest, index) => ({ engine: `engine-${index + 1}`, digest }))),
});

describe('image_validation', () => {
  it('passes when every engine means the planned image', async () => {
    const { digest, ref } = await planned('plain');
    const outcome = await evaluate(ref, { run: 'image_validation', requires: [] }, holding(digest, digest));
    expect(outcome).toMatchObject({
      kind: 'passed',
      summary: expect.stringContaining('engine-1 and engine-2') as string,
    });
  });

  it('fails when one has none, or means another', async () => {
    const { digest, ref } = await planned('other');
    const check: GateCheck = { run: 'image_validation', requires: [] };
    const outcome = await evaluate(ref, check, holding(digest, null, sha256('else')));
    expect(outcome).toMatchObject({
      kind: 'failed',
      summary: expect.stringContaining('engine engine-2 has no image, engine engine-3 means another image') as string,
    });
  });

  it('fails, saying what it looked for, when a signature or SBOM is not attached, and passes once they are', async () => {
    const { digest, ref } = await planned('team/signed');
    const check: GateCheck = { run: 'image_validation', requires: ['signature', 'sbom'] };
    const missing = await evaluate(ref, check, holding(digest));
    expect(missing).toMatchObject({ kind: 'failed' });
    expect(missing.summary).toContain(`signature and sbom missing: looked for ${tagOf(digest, 'sig')}`);
    await push('team/signed', tagOf(digest, 'sig'), 'a signature');
    expect((await evaluate(ref, check, holding(digest))).summary).toMatch(/^sbom missing/);
    await push('team/signed', tagOf(digest, 'att'), 'an attestation');
    const outcome = await evaluate(ref, check, holding(digest));
    expect(outcome).toMatchObject({ kind: 'passed' });
    expect(await findEvidence(world.pool, outcome.evidence ?? '')).toMatchObject({
      found: [tagOf(digest, 'sig'), tagOf(digest, 'att')],
    });
  });

  it('is inconclusive when the registry does not answer', async () => {
    const digest = sha256('nowhere');
    const plan = containerPlanOf({
      image: { pin: 'registry-digest', image: `127.0.0.1:1/shop@${digest}`, digest, sizeBytes: null },
    });
    const ref = await storeContainerPlan(world.pool, plan);
    const check: GateCheck = { run: 'image_validation', requires: ['signature'] };
    expect(await evaluate(ref, check, holding(digest))).toMatchObject({ kind: 'inconclusive' });
  });

  it('fails for an image that no registry knows when something must be attached', async () => {
    const digest = sha256('local');
    const plan = containerPlanOf({ image: { pin: 'image-id', image: digest, digest, sizeBytes: null } });
    const ref = await storeContainerPlan(world.pool, plan);
    const check: GateCheck = { run: 'image_validation', requires: ['sbom'] };
    expect(await evaluate(ref, check, holding(digest))).toMatchObject({
      kind: 'failed',
      summary: expect.stringContaining('no registry knows') as string,
    });
  });
});

describe('load_test', () => {
  const load: LoadTest = {
    path: '/buy',
    durationMs: 500,
    requestsPerSecond: 100,
    maximumFailedPercent: 1,
    maximumP99Ms: 5_000,
  };
  const staged = (): Partial<GateContainers> => ({
    instancesOf: () =>
      Promise.resolve([{ name: 'shop-7-1', host: '127.0.0.1', port: (service.address() as AddressInfo).port }]),
  });
  const start = async (changes: Partial<LoadTest> = {}, containers: Partial<GateContainers> = staged()) => {
    const ref = await storeContainerPlan(world.pool, containerPlanOf());
    return evaluate(ref, { run: 'load_test', load: { ...load, ...changes } }, containers);
  };

  it('passes at its rate, with the numbers as evidence', async () => {
    const paths = new Set<string | undefined>();
    answer = (request, response) => {
      paths.add(request.url);
      response.end('ok');
    };
    const outcome = await start();
    expect(outcome).toMatchObject({
      kind: 'passed',
      summary: expect.stringMatching(/^50 requests, 0 % failed/) as string,
    });
    expect([...paths]).toEqual(['/buy']);
    expect(await findEvidence(world.pool, outcome.evidence ?? '')).toMatchObject({
      numbers: { requests: 50, failed: 0 },
      instances: ['shop-7-1'],
    });
  });

  it('fails when too much fails, and says how', async () => {
    let count = 0;
    answer = (_request, response) => response.writeHead((count += 1) % 2 === 0 ? 500 : 200).end();
    const outcome = await start();
    expect(outcome).toMatchObject({
      kind: 'failed',
      summary: expect.stringMatching(/^more than 1 % failed/) as string,
    });
    expect(await findEvidence(world.pool, outcome.evidence ?? '')).toMatchObject({ failures: { 500: 25 } });
  });

  it('fails when it answers too slowly', async () => {
    expect(await start({ maximumP99Ms: 0 })).toMatchObject({ kind: 'failed' });
  });

  it('is inconclusive without an instance', async () => {
    expect(await start({}, {})).toMatchObject({ kind: 'inconclusive' });
  });
});

describe('gates of a plan for containers', () => {
  it('take the judge’s word, and are inconclusive when it cannot be had', async () => {
    const ref = await storeContainerPlan(world.pool, containerPlanOf());
    const judged = { kind: 'failed', summary: 'score 10 of 100', evidence: { score: 10 } } as const;
    const judge = () => Promise.resolve(judged);
    expect(await evaluate(ref, { run: 'canary_analysis' }, { judge })).toMatchObject({ kind: 'failed' });
    expect(await evaluate(ref, { run: 'canary_analysis' })).toMatchObject({
      kind: 'inconclusive',
      summary: 'could not be found out: the engine is away',
    });
  });

  it('are inconclusive on a worker without engines, and for plans of the other kind', async () => {
    const ref = await storeContainerPlan(world.pool, containerPlanOf());
    expect(await evaluate(ref, { run: 'canary_analysis' }, null)).toMatchObject({
      kind: 'inconclusive',
      summary: 'this worker reaches no container engine',
    });
    expect(await evaluate(ref, { run: 'firmware_validation' })).toMatchObject({ kind: 'inconclusive' });
    const fleet = await world.plan(await world.addFirmware('1.1.0'));
    expect(await evaluate(fleet, { run: 'image_validation', requires: [] })).toMatchObject({ kind: 'inconclusive' });
  });

  it('tell a command what is deployed', async () => {
    const ref = await storeContainerPlan(world.pool, containerPlanOf());
    const command = [
      'sh',
      '-c',
      'echo "$SLUICE_APPLICATION $SLUICE_VERSION $SLUICE_IMAGE"; test -z "$SLUICE_FIRMWARE_NAME"',
    ];
    const outcome = await evaluate(ref, { run: 'command', command, timeoutMs: 20_000 });
    expect(outcome).toMatchObject({ kind: 'passed' });
    expect(await findEvidence(world.pool, outcome.evidence ?? '')).toMatchObject({
      output: `shop 2.0.0 registry.example/shop@sha256:${'a'.repeat(64)}\n`,
    });
  });
});
