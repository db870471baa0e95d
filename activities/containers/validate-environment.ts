import type { EngineAddress } from '#domain/containers/engine-address.ts';
import {
  judgeEnvironment,
  type SeenApplication,
  type SeenEngine,
  type SeenInstance,
} from '#domain/containers/judge-environment.ts';
import { causeOf } from '#domain/errors/cause-of.ts';
import type { PlannedApplication } from '#domain/plan/container-plan.ts';
import type { ContainerOperations, EnvironmentCheck } from '#domain/ports/container-operations.port.ts';
import { parseImageReference, registryOf } from '../adapters/docker/image-reference.ts';
import { listPlaces } from '../adapters/postgres/application-places.ts';
import { stableRelease, type ReleaseRow } from '../adapters/postgres/release-rows.ts';
import { askTcp } from '../adapters/tcp-check/ask-tcp.ts';
import { redact } from '../runtime/redact.ts';
import { ridingOut } from '../runtime/ride-out.ts';
import type { ContainerWork } from './deps.ts';
import { instancesOfRelease, type Instance } from './instances.ts';
import { probeInstance } from './probe-instance.ts';

type Input = Parameters<ContainerOperations['validateEnvironment']>[0];

const REACH_WITHIN_MS = 3_000;

/**
 * Looks at what an environment has and what its applications in use ask of it. What does not answer is a failed check with
 * the reason; only the database must be there. Changes nothing.
 */
export async function validateEnvironment(work: ContainerWork, input: Input): Promise<EnvironmentCheck[]> {
  const releases = await ridingOut(work, () => releasesInUse(work, input.environment));
  const [engines, router, applications] = await Promise.all([
    Promise.all(input.engines.map((address) => lookAtEngine(work, address))),
    work.router.facts().then(() => ({ kind: 'facts' }) as const, silent),
    Promise.all(releases.map((release) => lookAtApplication(work, release))),
  ]);
  work.signal.throwIfAborted();
  return judgeEnvironment({ engines, router, applications });
}

async function releasesInUse({ pool }: ContainerWork, environment: string): Promise<ReleaseRow[]> {
  const places = await listPlaces(pool, environment);
  const found = await Promise.all(places.map(({ application }) => stableRelease(pool, environment, application)));
  return found.filter((release) => release !== null);
}

const wordsOf = (error: unknown): string => redact(causeOf(error));
const silent = (error: unknown) => ({ kind: 'silent', why: wordsOf(error) }) as const;

async function lookAtEngine({ engine, signal }: ContainerWork, address: EngineAddress): Promise<SeenEngine> {
  const { name } = address;
  try {
    return { name, answer: { kind: 'facts', facts: await (await engine(address)).facts({ signal }) } };
  } catch (error) {
    return { name, answer: silent(error) };
  }
}

async function lookAtApplication(work: ContainerWork, release: ReleaseRow): Promise<SeenApplication> {
  const { spec } = release;
  const [registry, instances] = await Promise.all([lookAtRegistry(work, spec), lookAtInstances(work, release)]);
  const { cpus, memoryBytes } = spec.container.limits;
  return {
    name: spec.name,
    replicas: spec.replicas,
    engines: spec.engines.map(({ name }) => name),
    cpus,
    memoryBytes,
    imageBytes: spec.image.sizeBytes,
    dependsOn: spec.dependsOn,
    registry,
    instances,
  };
}

async function lookAtRegistry(
  { signal }: ContainerWork,
  { image }: PlannedApplication,
): Promise<SeenApplication['registry']> {
  const reference = parseImageReference(image.image);
  if (image.pin === 'image-id' || reference.kind === 'id') return null;
  const named = registryOf(reference.repository);
  const { hostname: host, port } = new URL(`https://${named === 'docker.io' ? 'registry-1.docker.io' : named}`);
  const look = await askTcp({ host, port: Number(port || 443), timeoutMs: REACH_WITHIN_MS, signal });
  return { address: named, why: look.kind === 'open' ? null : look.why };
}

/** An engine that does not answer has no instances to look at: that is said where the engines are. */
async function lookAtInstances(work: ContainerWork, release: ReleaseRow): Promise<SeenInstance[]> {
  const instances = await instancesOfRelease(work, release).catch(() => []);
  return Promise.all(instances.map((instance) => lookAtInstance(work, release, instance)));
}

async function lookAtInstance(
  { signal }: ContainerWork,
  { spec }: ReleaseRow,
  instance: Instance,
): Promise<SeenInstance> {
  const { name, address, state, exit, on: engine } = instance;
  if (state !== 'running' || address === null) {
    const why = exit ? `exited ${exit.code}` : state;
    return { name, unreachable: why, unwell: why };
  }
  const [look, answer] = await Promise.all([
    askTcp({ ...address, timeoutMs: REACH_WITHIN_MS, signal }),
    probeInstance(spec.readiness, { name, ...address }, { engine, signal }),
  ]);
  return {
    name,
    unreachable: look.kind === 'open' ? null : look.why,
    unwell: answer.kind === 'well' ? null : answer.why,
  };
}
