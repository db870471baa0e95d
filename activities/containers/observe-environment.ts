import type { EngineAddress } from '#domain/containers/engine-address.ts';
import { routeKey } from '#domain/containers/route.ts';
import type { Replica } from '#domain/ports/container-engine.port.ts';
import type {
  ContainerOperations,
  ObservedApplication,
  ObservedEngine,
  ObservedEnvironment,
  ObservedInstance,
} from '#domain/ports/container-operations.port.ts';
import type { ObservedRoute } from '#domain/ports/router.port.ts';
import { listPlaces, type ApplicationPlace } from '../adapters/postgres/application-places.ts';
import type { ContainerWork } from './deps.ts';
import { rebuildReleases } from './rebuild-releases.ts';

type Input = Parameters<ContainerOperations['observeEnvironment']>[0];

/** What really runs: asked of every engine and of the router. What does not answer is a value with its reason. */
export async function observeEnvironment(work: ContainerWork, input: Input): Promise<ObservedEnvironment> {
  const engines = await Promise.all(input.engines.map((address) => observeEngine(work, address)));
  const replicas = engines
    .flatMap((one) => one.replicas)
    .filter(({ labels }) => labels.environment === input.environment);
  const router = await work.router.facts().then(
    (facts) => ({ kind: 'facts', facts }) as const,
    (error: unknown) => ({ kind: 'silent', why: wordsOf(error) }) as const,
  );
  const rebuilt = input.rebuild ? await rebuildReleases(work, input, replicas) : [];
  const places = await listPlaces(work.pool, input.environment);
  const names = new Set([...places.map((one) => one.application), ...replicas.map(({ labels }) => labels.application)]);
  const applications = [...names].sort().map(async (application) => {
    const place = places.find((one) => one.application === application) ?? null;
    const own = replicas.filter(({ labels }) => labels.application === application);
    return observeApplication(work, { environment: input.environment, application, place, replicas: own });
  });
  return {
    environment: input.environment,
    engines: engines.map((one) => one.engine),
    router,
    applications: await Promise.all(applications),
    rebuilt,
  };
}

async function observeEngine(
  { engine }: ContainerWork,
  address: EngineAddress,
): Promise<{ readonly engine: ObservedEngine; readonly replicas: readonly Replica[] }> {
  const { name } = address;
  try {
    const on = await engine(address);
    const [facts, replicas] = await Promise.all([on.facts(), on.listAll()]);
    return { engine: { name, answer: { kind: 'facts', facts } }, replicas };
  } catch (error) {
    return { engine: { name, answer: { kind: 'silent', why: wordsOf(error) } }, replicas: [] };
  }
}

interface Subject {
  readonly environment: string;
  readonly application: string;
  readonly place: ApplicationPlace | null;
  readonly replicas: readonly Replica[];
}

async function observeApplication(work: ContainerWork, subject: Subject): Promise<ObservedApplication> {
  const { environment, application, place, replicas } = subject;
  const key = routeKey(environment, application);
  const route = place?.route ? await work.router.observe(key).catch(() => null) : null;
  return {
    application,
    address: place?.route?.listen ?? null,
    canaryBasisPoints: route?.canaryBasisPoints ?? 0,
    stableArm: route?.stableArm ?? null,
    instances: replicas.map((replica) => besideRouter(replica, route)),
  };
}

function besideRouter(replica: Replica, route: ObservedRoute | null): ObservedInstance {
  const member = route?.members.find(({ name }) => name === replica.name);
  if (!member) return { ...replica, arm: null, routed: null };
  const { arm, up, state, inFlight } = member;
  return { ...replica, arm, routed: { up, state, inFlight } };
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
