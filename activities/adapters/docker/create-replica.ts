import { setTimeout as pause } from 'node:timers/promises';
import { sluiceError } from '#domain/errors/failure.ts';
import type { NewReplica, Replica } from '#domain/ports/container-engine.port.ts';
import { ask, bounded, type DockerClient } from './client.ts';
import { containerConfig, networksOf } from './container-config.ts';
import { EngineAnswer, expectAnswer } from './errors.ts';
import { inspect, ours, ourReplica, removeById, type Signal } from './replicas.ts';

const CREATE_TIMEOUT_MS = 60_000;
const CONNECT_TIMEOUT_MS = 15_000;
const LOOK_AGAIN_MS = 25;
/** Each round either ends or meets a container that comes or goes at that very moment. */
const MOST_ROUNDS = 200;

/**
 * Creates the container under its name, which the engine gives once, or adopts the one that an earlier attempt of the same run
 * made. Throws CONTAINER_FOREIGN, IMAGE_NOT_FOUND.
 */
export async function createReplica(
  client: DockerClient,
  replica: NewReplica,
  logDriver: string,
  signal: Signal,
): Promise<Replica> {
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    if ((await isCreated(client, replica, logDriver, signal)) || (await isAdopted(client, replica, signal))) {
      await joinNetworks(client, replica, signal);
      return ourReplica(client, replica.name, signal);
    }
  }
  const why = `the name ${replica.name} is neither free nor taken`;
  throw sluiceError('ENGINE_REFUSED', { engine: client.engine, what: `create container ${replica.name}`, why });
}

async function isCreated(
  client: DockerClient,
  replica: NewReplica,
  logDriver: string,
  signal: Signal,
): Promise<boolean> {
  const question = { what: `create container ${replica.name}`, timeoutMs: CREATE_TIMEOUT_MS, signal };
  const config = containerConfig(replica, client.address.reach, logDriver);
  try {
    await ask(client, question, (abort) => client.docker.createContainer(bounded(config, abort)));
    return true;
  } catch (error) {
    const isImageMissing =
      error instanceof EngineAnswer && error.status === 404 && /no such image/i.test(error.message);
    if (isImageMissing) {
      const looked = `engine ${client.engine}; images are pulled before their containers are created`;
      throw sluiceError('IMAGE_NOT_FOUND', { image: replica.spec.image, looked }, { cause: error });
    }
    expectAnswer(error, 409);
    return false;
  }
}

/** False: the name may be free now, try again. */
async function isAdopted(client: DockerClient, replica: NewReplica, signal: Signal): Promise<boolean> {
  const found = await inspect(client, replica.name, signal);
  // The name is reserved before its container can be seen.
  if (found === null) return lookAgain(signal);
  const { labels, state, id } = ours(client, found);
  if (state === 'removing' || state === 'dead') {
    await removeById(client, id, signal);
    return false;
  }
  if (labels.spec === replica.labels.spec && labels.run === replica.labels.run) return true;
  if (labels.generation < replica.labels.generation) {
    await removeById(client, id, signal);
    return false;
  }
  const owner = `run ${labels.run}, generation ${labels.generation}`;
  throw sluiceError('CONTAINER_FOREIGN', { name: replica.name, engine: client.engine, owner });
}

async function lookAgain(signal: Signal): Promise<false> {
  await pause(LOOK_AGAIN_MS, undefined, signal && { signal });
  return false;
}

/** All but the first, which it was created with: engines before API 1.44 take only one at a time. */
async function joinNetworks(client: DockerClient, { name, spec }: NewReplica, signal: Signal): Promise<void> {
  for (const network of networksOf(spec).slice(1)) {
    const question = { what: `join network ${network}`, timeoutMs: CONNECT_TIMEOUT_MS, signal };
    try {
      await ask(client, question, (abort) =>
        client.docker.getNetwork(network).connect(bounded({ Container: name }, abort)),
      );
    } catch (error) {
      const isJoined =
        error instanceof EngineAnswer && /already exists in network|already attached/i.test(error.message);
      if (!isJoined) throw error;
    }
  }
}
