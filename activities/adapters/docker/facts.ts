import { statfs } from 'node:fs/promises';
import type { EngineFacts } from '#domain/ports/container-engine.port.ts';
import { ask, bounded, type DockerClient } from './client.ts';
import type { Signal } from './replicas.ts';

/** Counting containers and images takes a while on a full machine. */
const FACTS_TIMEOUT_MS = 15_000;

/** What `/info` answers, as far as it is used. */
interface EngineInfo {
  readonly ServerVersion: string;
  readonly LiveRestoreEnabled: boolean;
  readonly NCPU: number;
  readonly MemTotal: number;
  readonly DockerRootDir: string;
  readonly LoggingDriver: string;
}

export async function engineInfo(client: DockerClient, signal: Signal): Promise<EngineInfo> {
  const question = { what: 'describe itself', timeoutMs: FACTS_TIMEOUT_MS, signal };
  // The types of both calls know no options.
  const { docker } = client as { docker: { info(options: object): Promise<EngineInfo> } };
  return ask(client, question, (abort) => docker.info(bounded({}, abort)));
}

/** Version and size of the engine; the free space is that of its data's disk, if that is on this machine. */
export async function engineFacts(client: DockerClient, signal: Signal): Promise<EngineFacts> {
  const question = { what: 'tell its version', timeoutMs: FACTS_TIMEOUT_MS, signal };
  const { docker } = client as { docker: { version(options: object): Promise<{ ApiVersion: string }> } };
  const [info, { ApiVersion }] = await Promise.all([
    engineInfo(client, signal),
    ask(client, question, (abort) => docker.version(bounded({}, abort))),
  ]);
  return {
    version: info.ServerVersion,
    apiVersion: ApiVersion,
    liveRestore: info.LiveRestoreEnabled,
    cpus: info.NCPU,
    memoryBytes: info.MemTotal,
    rootDirectory: info.DockerRootDir,
    freeBytes: client.address.way.kind === 'socket' ? await freeBytesOf(info.DockerRootDir) : null,
  };
}

/** Null where it cannot be seen, as from inside a container. */
async function freeBytesOf(directory: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(directory);
    return bavail * bsize;
  } catch {
    return null;
  }
}
