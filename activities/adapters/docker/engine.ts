import type { EngineAddress } from '#domain/containers/engine-address.ts';
import type { ContainerEngine } from '#domain/ports/container-engine.port.ts';
import { createDockerClient, type DockerClient, type EngineSecrets } from './client.ts';
import { createReplica } from './create-replica.ts';
import { refusal } from './errors.ts';
import { watch } from './events.ts';
import { engineFacts, engineInfo } from './facts.ts';
import { pinImage } from './images.ts';
import { labelFilters, RUN_LABEL } from './labels.ts';
import { followLogs, logs } from './logs.ts';
import { pullImage } from './pull-image.ts';
import { listReplicas, removeReplica, startReplica, stopReplica, type Signal } from './replicas.ts';
import { runCommand } from './run-command.ts';
import { usage } from './usage.ts';

/** The engine at `address`, after it has answered once. Throws ENGINE_UNREACHABLE. */
export async function connectEngine(
  address: EngineAddress,
  secrets: EngineSecrets,
  signal?: AbortSignal,
): Promise<ContainerEngine> {
  const client = createDockerClient(address, secrets);
  try {
    await engineInfo(client, signal);
  } catch (error) {
    client.close();
    throw refusal(client, error);
  }
  return createEngine(client);
}

/** The port over a client; an answer that nobody expected becomes an error of the catalogue. */
function createEngine(client: DockerClient): ContainerEngine {
  const logDriver = rememberLogDriver(client);
  const said = async <T>(answer: Promise<T>): Promise<T> => {
    try {
      return await answer;
    } catch (error) {
      throw refusal(client, error);
    }
  };
  return {
    name: client.engine,
    facts: (bounds) => said(engineFacts(client, bounds?.signal)),
    pinImage: (reference, credentials, bounds) => said(pinImage(client, reference, credentials, bounds?.signal)),
    pullImage: (image, options) => said(pullImage(client, image, options)),
    createReplica: (replica, { signal } = {}) =>
      said(logDriver(signal).then((driver) => createReplica(client, replica, driver, signal))),
    startReplica: (name, bounds) => said(startReplica(client, name, bounds?.signal)),
    stopReplica: (name, graceMs, bounds) => said(stopReplica(client, name, graceMs, bounds?.signal)),
    removeReplica: (name, bounds) => said(removeReplica(client, name, bounds?.signal)),
    listReplicas: (filter, bounds) => said(listReplicas(client, labelFilters(filter), bounds?.signal)),
    listAll: (bounds) => said(listReplicas(client, [RUN_LABEL], bounds?.signal)),
    logs: (name, lines, bounds) => said(logs(client, name, lines, bounds?.signal)),
    followLogs: (name, onLine, signal) => said(followLogs(client, name, onLine, signal)),
    run: (name, command, timeoutMs, bounds) => said(runCommand(client, { name, command, timeoutMs }, bounds?.signal)),
    usage: (names, bounds) => said(usage(client, names, bounds?.signal)),
    watch: (onEvent, signal) => said(watch(client, onEvent, signal)),
    close: () => client.close(),
  };
}

/** Asked once: a daemon's configuration changes with a restart only, and then the log's bounds are the smaller worry. */
function rememberLogDriver(client: DockerClient): (signal: Signal) => Promise<string> {
  let known: string | null = null;
  return async (signal) => (known ??= (await engineInfo(client, signal)).LoggingDriver);
}
