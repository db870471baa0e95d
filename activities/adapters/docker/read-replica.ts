import type { ContainerInspectInfo } from 'dockerode';
import type { EngineAddress } from '#domain/containers/engine-address.ts';
import type { Replica, ReplicaState } from '#domain/ports/container-engine.port.ts';
import type { Iso } from '#domain/time.ts';
import { DEFAULT_NETWORK, portKey } from './container-config.ts';
import { fromLabels } from './labels.ts';

/** What the engine answers for "never". */
const NEVER = '0001-01-01T00:00:00Z';

/** A container as our port shows it; null when it is not one of ours. */
export function readReplica(address: EngineAddress, found: ContainerInspectInfo): Replica | null {
  const ours = fromLabels(found.Config.Labels ?? {});
  if (ours === null) return null;
  const { State } = found;
  return {
    engine: address.name,
    id: found.Id,
    name: nameOf(found),
    state: State.Status as ReplicaState,
    labels: ours.labels,
    address: State.Running ? reachedAt(address, found, ours.port) : null,
    startedAt: instant(State.StartedAt),
    exit: exitOf(State),
    image: found.Config.Image,
    imageId: found.Image,
  };
}

/** The engine puts a slash before each name. */
export const nameOf = ({ Name }: ContainerInspectInfo): string => Name.replace(/^\//, '');

function exitOf({ Status, ExitCode, OOMKilled, FinishedAt }: ContainerInspectInfo['State']): Replica['exit'] {
  const at = instant(FinishedAt);
  const hasEnded = Status === 'exited' || Status === 'dead';
  return hasEnded && at !== null ? { code: ExitCode, outOfMemory: OOMKilled, at } : null;
}

function reachedAt({ reach }: EngineAddress, found: ContainerInspectInfo, port: number): Replica['address'] {
  const { Networks, Ports } = found.NetworkSettings;
  if (reach.kind === 'published') {
    const bindings: { HostIp: string; HostPort: string }[] = Ports[portKey(port)] ?? [];
    // The port of IPv6 may be another one.
    const binding = bindings.find(({ HostIp }) => !HostIp.includes(':')) ?? bindings[0];
    return binding ? { host: reach.host, port: Number(binding.HostPort) } : null;
  }
  const { NetworkMode = DEFAULT_NETWORK } = found.HostConfig;
  const host = Networks[NetworkMode === 'default' ? DEFAULT_NETWORK : NetworkMode]?.IPAddress ?? '';
  return host === '' ? null : { host, port };
}

/** The engine counts nanoseconds; three digits are kept. */
const instant = (text: string): Iso | null => (text === NEVER || text === '' ? null : new Date(text).toISOString());
