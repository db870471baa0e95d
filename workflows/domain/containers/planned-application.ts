import type { PlannedApplication } from '../plan/container-plan.ts';
import type { SecretRef } from '../plan/health-check.ts';
import type { ReleaseConfig } from '../plan/release-file.schema.ts';
import type { PinnedImage } from '../ports/container-engine.port.ts';
import type { ApplicationSpec, HealthSpec } from './application.schema.ts';
import type { ContainerSpec, RegistryCredentials } from './container-spec.ts';
import type { EngineAddress } from './engine-address.ts';
import type { Probe } from './probe.ts';

/** What a release is made of, besides its image. */
export interface ApplicationSources {
  readonly name: string;
  readonly version: string;
  readonly spec: ApplicationSpec;
  readonly config: ReleaseConfig;
  readonly engines: readonly EngineAddress[];
}

/** What the engine is asked to resolve: `registry.example/shop:1.1.0`. */
export const referenceOf = ({ image, version_tag: tag }: ApplicationSpec, version: string): string =>
  `${image}:${tag.replaceAll('{version}', version)}`;

export const replicasOf = ({ spec, config }: Pick<ApplicationSources, 'spec' | 'config'>): number =>
  config.replicas ?? spec.replicas;

/** The password was moved to a secret before: text here would be a secret inside a plan. */
export function credentialsOf({ registry }: ApplicationSpec): RegistryCredentials | null {
  if (registry === undefined || typeof registry.password === 'string') return null;
  return { username: registry.username, password: registry.password };
}

/** The application as its plan pins it. */
export function plannedApplication(sources: ApplicationSources, image: PinnedImage): PlannedApplication {
  const { name, version, spec, config, engines } = sources;
  const readiness = probeOf(config.health_check ?? spec.health);
  return {
    name,
    version,
    reference: referenceOf(spec, version),
    image,
    credentials: credentialsOf(spec),
    replicas: replicasOf(sources),
    container: containerOf(spec, image),
    engines,
    readiness,
    liveness: spec.liveness === undefined ? readiness : probeOf(spec.liveness),
    drainMs: spec.drain,
    routing: routingOf(sources),
    dependsOn: spec.depends_on,
    critical: spec.critical,
  };
}

function containerOf(spec: ApplicationSpec, image: PinnedImage): ContainerSpec {
  const { engine_health_check: check } = spec;
  return {
    image: image.image,
    port: spec.port,
    env: spec.env ?? {},
    command: spec.command ?? null,
    mounts: spec.mounts.map(({ type, source, target, read_only: readOnly }) => ({
      kind: type,
      source,
      target,
      readOnly,
    })),
    networks: spec.networks,
    limits: { cpus: spec.limits.cpus ?? null, memoryBytes: spec.limits.memory ?? null },
    stopGraceMs: spec.stop_grace,
    engineHealthCheck: check ? { command: check.command, everyMs: check.interval } : null,
  };
}

/** Without a path, a port or a command it is GET /health. */
function probeOf(health: HealthSpec): Probe {
  const timing = {
    everyMs: health.interval ?? 1_000,
    timeoutMs: health.timeout ?? 2_000,
    healthyAfter: health.healthy_after ?? 1,
    unhealthyAfter: health.unhealthy_after ?? 3,
  };
  if (health.tcp) return { kind: 'tcp', timing };
  if (health.command) return { kind: 'command', command: health.command, timing };
  return { kind: 'http', path: health.path ?? '/health', expectedStatus: health.expected_status ?? 200, timing };
}

function routingOf({ spec: { routing }, config }: ApplicationSources): PlannedApplication['routing'] {
  const header = config.header ?? routing.header;
  const mirror = config.mirror ?? routing.mirror;
  return {
    listenPort: routing.listen_port ?? null,
    previewPort: routing.preview_port ?? null,
    rules: {
      header: header ? { name: header.name, secret: referenceTextOf(header.secret) } : null,
      allowClients: config.allow_clients ?? routing.allow_clients,
      allowNetworks: config.allow_networks ?? routing.allow_networks,
      clientIdHeader: routing.client_id_header,
    },
    mirror: mirror ? { percent: mirror.percent, maximumInFlight: mirror.maximum_in_flight } : null,
    maximumHeld: routing.maximum_held,
  };
}

/** In a plan a header's secret is the text of its reference: `file:PATH` or `env:NAME`. */
function referenceTextOf(secret: string | SecretRef | undefined): string | null {
  if (secret === undefined) return null;
  return typeof secret === 'string' ? secret : secret.secretRef;
}
