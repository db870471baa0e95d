import type { EngineDeps } from '../../../client/engine/engine.ts';
import { SluiceError } from '#domain/errors/failure.ts';
import type { PinnedImage } from '#domain/ports/container-engine.port.ts';
import type {
  ContainerOperations,
  EnvironmentCheck,
  InstanceLog,
  ObservedEnvironment,
} from '#domain/ports/container-operations.port.ts';

type Asked = {
  [Name in keyof ContainerOperations]: { name: Name; input: Parameters<ContainerOperations[Name]>[0] };
}[keyof ContainerOperations];

/** The worker for containers as a test wants it to answer; every question is kept. */
export class FakeOperations implements ContainerOperations {
  readonly asked: Asked[] = [];
  /** What each reference means; others are pinned by a digest made of the reference. */
  readonly images = new Map<string, PinnedImage | SluiceError>();
  observed: ObservedEnvironment | SluiceError | null = null;
  logs: readonly InstanceLog[] = [];
  checks: readonly EnvironmentCheck[] = [];

  async resolveImage(input: Parameters<ContainerOperations['resolveImage']>[0]): Promise<PinnedImage> {
    this.asked.push({ name: 'resolveImage', input });
    const known = this.images.get(input.reference);
    if (known instanceof SluiceError) throw known;
    return known ?? pinned(input.reference);
  }

  async observeEnvironment(
    input: Parameters<ContainerOperations['observeEnvironment']>[0],
  ): Promise<ObservedEnvironment> {
    this.asked.push({ name: 'observeEnvironment', input });
    if (this.observed instanceof SluiceError) throw this.observed;
    return this.observed ?? nothingIn(input.environment);
  }

  async readLogs(input: Parameters<ContainerOperations['readLogs']>[0]): Promise<InstanceLog[]> {
    this.asked.push({ name: 'readLogs', input });
    return this.logs.filter(({ instance }) => input.instance === null || instance === input.instance);
  }

  async validateEnvironment(
    input: Parameters<ContainerOperations['validateEnvironment']>[0],
  ): Promise<EnvironmentCheck[]> {
    this.asked.push({ name: 'validateEnvironment', input });
    return [...this.checks];
  }
}

/** `reference` by a digest that follows from its text; one that is a digest already means that. */
export function pinned(reference: string): PinnedImage {
  const [, given] = reference.split('@');
  if (given !== undefined) return { pin: 'registry-digest', image: reference, digest: given, sizeBytes: 5_000_000 };
  const digest = `sha256:${Buffer.from(reference).toString('hex').padEnd(64, '0').slice(-64)}`;
  const repository = reference.replace(/:[^:/]+$/, '');
  return { pin: 'registry-digest', image: `${repository}@${digest}`, digest, sizeBytes: 5_000_000 };
}

const nothingIn = (environment: string): ObservedEnvironment => ({
  environment,
  engines: [],
  router: { kind: 'silent', why: 'no router in this test' },
  applications: [],
  rebuilt: [],
});

/** `deps` with another worker, and what else a test replaces. */
export const depsWith = (deps: EngineDeps, over: Partial<EngineDeps>): EngineDeps => ({
  settings: deps.settings,
  database: () => deps.database(),
  dataDirectory: () => deps.dataDirectory(),
  temporal: () => deps.temporal(),
  containers: deps.containers,
  close: async () => undefined,
  ...over,
});
