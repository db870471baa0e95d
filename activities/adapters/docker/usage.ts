import type { ContainerStats } from 'dockerode';
import type { ReplicaUsage } from '#domain/ports/container-engine.port.ts';
import { ask, bounded, type DockerClient } from './client.ts';
import { expectAnswer } from './errors.ts';
import type { Signal } from './replicas.ts';

/** A second look within one second waits until it is over; fifty at once took 1.2 s. */
const STATS_TIMEOUT_MS = 10_000;
/** A container without processes has counted nothing. */
const NO_SAMPLE = '0001-01-01T00:00:00Z';

/** One sample of each that runs. All are asked at once: one after the other, each would wait for a second. */
export async function usage(client: DockerClient, names: readonly string[], signal: Signal): Promise<ReplicaUsage[]> {
  const samples = await Promise.all(names.map((name) => sample(client, name, signal)));
  return samples.filter((sampled) => sampled !== null);
}

async function sample(client: DockerClient, name: string, signal: Signal): Promise<ReplicaUsage | null> {
  const question = { what: `measure container ${name}`, timeoutMs: STATS_TIMEOUT_MS, signal };
  const options = { stream: false as const, 'one-shot': true };
  try {
    const stats = await ask(client, question, (abort) =>
      client.docker.getContainer(name).stats(bounded(options, abort)),
    );
    if (stats.read === NO_SAMPLE) return null;
    const at = new Date(stats.read).toISOString();
    return { name, at, cpuNs: stats.cpu_stats.cpu_usage.total_usage, memoryBytes: memoryInUse(stats.memory_stats) };
  } catch (error) {
    expectAnswer(error, 404, 409);
    return null;
  }
}

/** Without the part of the page cache that is given back first, as `docker stats` counts (cgroup v1 and v2 name it differently). */
function memoryInUse({ usage: used = 0, stats }: Partial<ContainerStats['memory_stats']>): number {
  const { total_inactive_file, inactive_file } = (stats ?? {}) as Partial<Record<string, number>>;
  return Math.max(0, used - (total_inactive_file ?? inactive_file ?? 0));
}
