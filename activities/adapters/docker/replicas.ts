import { setTimeout as pause } from 'node:timers/promises';
import type { ContainerInspectInfo } from 'dockerode';
import { sluiceError } from '#domain/errors/failure.ts';
import type { Replica } from '#domain/ports/container-engine.port.ts';
import { ask, bounded, type DockerClient } from './client.ts';
import { EngineAnswer, expectAnswer } from './errors.ts';
import { nameOf, readReplica } from './read-replica.ts';

/** A look at one container or a list: milliseconds, unless the daemon is stuck. */
const LOOK_TIMEOUT_MS = 15_000;
/** Mounts and networks are made before the process runs. */
const START_TIMEOUT_MS = 60_000;
/** Beyond the grace that the container itself has. */
const STOP_MARGIN_MS = 30_000;
const REMOVE_TIMEOUT_MS = 60_000;
const GONE_POLL_MS = 25;

export type Signal = AbortSignal | undefined;

/** The container with this name or id, whosever it is; null when there is none (just now: a lost create may still come). */
export async function inspect(
  client: DockerClient,
  name: string,
  signal: Signal,
): Promise<ContainerInspectInfo | null> {
  const question = { what: `look at container ${name}`, timeoutMs: LOOK_TIMEOUT_MS, signal };
  try {
    return await ask(client, question, (abort) => client.docker.getContainer(name).inspect(bounded({}, abort)));
  } catch (error) {
    expectAnswer(error, 404);
    return null;
  }
}

/** The same as one of ours; lists need not look at it again. Throws CONTAINER_UNKNOWN, CONTAINER_FOREIGN. */
export async function ourReplica(client: DockerClient, name: string, signal: Signal): Promise<Replica> {
  const found = await inspect(client, name, signal);
  if (found === null) throw sluiceError('CONTAINER_UNKNOWN', { name, engine: client.engine });
  return ours(client, found);
}

/** Throws CONTAINER_FOREIGN for a container without our labels. */
export function ours(client: DockerClient, found: ContainerInspectInfo): Replica {
  const replica = readReplica(client.address, found);
  if (replica !== null) {
    client.seen.note(found, replica);
    return replica;
  }
  throw sluiceError('CONTAINER_FOREIGN', { name: nameOf(found), engine: client.engine, owner: 'somebody else' });
}

/** Starts it, unless it runs, and reads the address of this start. Throws CONTAINER_UNKNOWN, CONTAINER_STUCK: only a new one can be started. */
export async function startReplica(client: DockerClient, name: string, signal: Signal): Promise<Replica> {
  const question = { what: `start container ${name}`, timeoutMs: START_TIMEOUT_MS, signal };
  try {
    await ask(client, question, (abort) => client.docker.getContainer(name).start(bounded({}, abort)));
  } catch (error) {
    refuseStuck(client, name, error);
    const { status } = expectAnswer(error, 304, 404);
    // 404 is also the answer for a network that is missing.
    if (status === 404 && (await inspect(client, name, signal)) !== null) throw error;
  }
  return ourReplica(client, name, signal);
}

const LEFT_BEHIND = /\b(task|container) "?[0-9a-f]{12,}"?: already exists|\bid already in use|container with id exists/;

/** A daemon that dies within a start leaves its runtime a task that it knows nothing of (https://github.com/moby/moby/issues/38346). */
function refuseStuck({ engine }: DockerClient, name: string, error: unknown): void {
  if (!(error instanceof EngineAnswer) || !LEFT_BEHIND.test(error.message)) return;
  throw sluiceError('CONTAINER_STUCK', { name, engine, why: error.message }, { cause: error });
}

/** SIGTERM, and SIGKILL after `graceMs` (the engine counts whole seconds); one that does not run, or is gone, stays so. */
export async function stopReplica(client: DockerClient, name: string, graceMs: number, signal: Signal): Promise<void> {
  const found = await inspect(client, name, signal);
  if (found === null || !ours(client, found) || !found.State.Running) return;
  const question = { what: `stop container ${name}`, timeoutMs: graceMs + STOP_MARGIN_MS, signal };
  const options = { t: Math.ceil(graceMs / 1_000) };
  try {
    await ask(client, question, (abort) => client.docker.getContainer(found.Id).stop(bounded(options, abort)));
  } catch (error) {
    expectAnswer(error, 304, 404);
  }
}

/** Removes it, running or not, with its unnamed volumes, and waits until it is gone. */
export async function removeReplica(client: DockerClient, name: string, signal: Signal): Promise<void> {
  const found = await inspect(client, name, signal);
  if (found === null) return;
  ours(client, found);
  await removeById(client, found.Id, signal);
}

/** By its id: the name may be another container's by now. */
export async function removeById(client: DockerClient, id: string, signal: Signal): Promise<void> {
  const question = { what: `remove container ${id}`, timeoutMs: REMOVE_TIMEOUT_MS, signal };
  try {
    await ask(client, question, (abort) =>
      client.docker.getContainer(id).remove(bounded({ force: true, v: true }, abort)),
    );
    return;
  } catch (error) {
    if (expectAnswer(error, 404, 409).status === 404) return;
  }
  // Somebody else, or an earlier attempt of ours, is removing it.
  const deadline = performance.now() + REMOVE_TIMEOUT_MS;
  while ((await inspect(client, id, signal)) !== null) {
    if (performance.now() > deadline) {
      throw sluiceError('ENGINE_REFUSED', { engine: client.engine, what: question.what, why: 'it is still there' });
    }
    await pause(GONE_POLL_MS, undefined, signal && { signal });
  }
}

/** Our containers with these label filters, running or not, in the order of their names. */
export async function listReplicas(
  client: DockerClient,
  labels: readonly string[],
  signal: Signal,
): Promise<Replica[]> {
  const question = { what: 'list containers', timeoutMs: LOOK_TIMEOUT_MS, signal };
  const options = { all: true, filters: { label: [...labels] } };
  const listed = await ask(client, question, (abort) => client.docker.listContainers(bounded(options, abort)));
  const found = await Promise.all(listed.map(async (one) => client.seen.find(one) ?? look(client, one.Id, signal)));
  return found
    .filter((replica) => replica !== null)
    .sort((one, other) => one.name.localeCompare(other.name, 'en', { numeric: true }));
}

/** Null for one that is gone by now, or is none of ours. */
async function look(client: DockerClient, id: string, signal: Signal): Promise<Replica | null> {
  const found = await inspect(client, id, signal);
  const replica = found && readReplica(client.address, found);
  if (found && replica) client.seen.note(found, replica);
  return replica;
}
