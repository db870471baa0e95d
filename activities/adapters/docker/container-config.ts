import type { ContainerCreateOptions, HostConfig, MountSettings } from 'dockerode';
import type { ContainerSpec } from '#domain/containers/container-spec.ts';
import type { EngineAddress } from '#domain/containers/engine-address.ts';
import type { NewReplica } from '#domain/ports/container-engine.port.ts';
import { toLabels } from './labels.ts';

export const DEFAULT_NETWORK = 'bridge';

const NANO_CPUS = 1_000_000_000;
const NANOSECONDS_PER_MS = 1_000_000;
/** Without a bound a chatty container fills the engine's disk. */
const LOG_BOUNDS = { 'max-size': '10m', 'max-file': '3' };
/** Those that know these two options; each other driver refuses them. */
const BOUNDED_LOG_DRIVERS = new Set(['json-file', 'local']);
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '::1']);

/** `8080/tcp` as the engine names a port. */
export const portKey = (port: number): string => `${port}/tcp`;

/** The networks of a container: the first is the one whose address counts. */
export const networksOf = ({ networks }: ContainerSpec): readonly string[] =>
  networks.length === 0 ? [DEFAULT_NETWORK] : [...new Set([...networks, DEFAULT_NETWORK])];

/**
 * What the engine is told to create. `logDriver` is the engine's own default: it stays, bounded where it can be. Nothing
 * restarts by itself: a member that comes back behind the router's back has another address.
 */
export function containerConfig(
  { name, spec, env, labels }: NewReplica,
  reach: EngineAddress['reach'],
  logDriver: string,
): ContainerCreateOptions {
  return {
    name,
    Image: spec.image,
    Labels: toLabels(labels, spec.port),
    Env: Object.entries(env).map(([variable, value]) => `${variable}=${value}`),
    ExposedPorts: { [portKey(spec.port)]: {} },
    StopTimeout: Math.ceil(spec.stopGraceMs / 1_000),
    HostConfig: { ...hostConfig(spec, logDriver), ...published(spec.port, reach) },
    ...(spec.command && { Cmd: [...spec.command] }),
    ...healthCheck(spec),
  };
}

function hostConfig(spec: ContainerSpec, logDriver: string): HostConfig {
  const { cpus, memoryBytes } = spec.limits;
  return {
    RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
    NetworkMode: networksOf(spec)[0],
    Mounts: spec.mounts.map(mountSettings),
    ...(cpus !== null && { NanoCpus: Math.round(cpus * NANO_CPUS) }),
    // Equal bounds: a container at its limit is ended and seen, not slowed down by swapping.
    ...(memoryBytes !== null && { Memory: memoryBytes, MemorySwap: memoryBytes }),
    ...(BOUNDED_LOG_DRIVERS.has(logDriver) && { LogConfig: { Type: logDriver, Config: LOG_BOUNDS } }),
  };
}

const mountSettings = ({ kind, source, target, readOnly }: ContainerSpec['mounts'][number]): MountSettings => ({
  Type: kind,
  Source: source,
  Target: target,
  ReadOnly: readOnly,
});

/** Port 0 has the engine choose a free one at each start. A router on the engine's own machine needs no port open to others. */
function published(port: number, reach: EngineAddress['reach']): HostConfig {
  if (reach.kind === 'bridge') return {};
  const HostIp = LOOPBACK.has(reach.host) ? '127.0.0.1' : '';
  return { PortBindings: { [portKey(port)]: [{ HostIp, HostPort: '0' }] } };
}

function healthCheck({ engineHealthCheck }: ContainerSpec): Pick<ContainerCreateOptions, 'Healthcheck'> {
  if (engineHealthCheck === null) return { Healthcheck: { Test: ['NONE'] } };
  const { command, everyMs } = engineHealthCheck;
  return { Healthcheck: { Test: ['CMD', ...command], Interval: everyMs * NANOSECONDS_PER_MS } };
}
