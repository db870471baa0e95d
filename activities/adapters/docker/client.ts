import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { inspect } from 'node:util';
import Docker from 'dockerode';
import type { EngineAddress } from '#domain/containers/engine-address.ts';
import { unreachable, whatTheEngineSaid } from './errors.ts';
import { SeenReplicas } from './seen-replicas.ts';
import { SshAgent } from './ssh-agent.ts';

/** The texts behind an address's references, read beforehand; null for a way that needs none. */
export type EngineSecrets =
  | { readonly kind: 'none' }
  | { readonly kind: 'tls'; readonly ca: string; readonly certificate: string; readonly key: string }
  | {
      readonly kind: 'ssh';
      readonly key: string;
      /** `SHA256:…` of the server's key, as ssh-keygen shows it; null trusts whoever answers. */
      readonly hostKey: string | null;
    };

/** One question to the engine: `what` completes "refused to …". */
export interface Question {
  readonly what: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** An engine, and how to speak to it within bounds. */
export interface DockerClient {
  readonly docker: Docker;
  readonly engine: string;
  readonly address: EngineAddress;
  /** The address as `docker --host` takes it. */
  readonly url: string;
  readonly seen: SeenReplicas;
  readonly close: () => void;
}

/** A client of the engine at `address`; nothing is asked yet. */
export function createDockerClient(address: EngineAddress, secrets: EngineSecrets): DockerClient {
  const agent = briefly(agentFor(address, secrets));
  // DOCKER_HOST and its family belong to people's shells: each option that they would fill is given.
  const docker = new Docker({ ...NOTHING_FROM_THE_ENVIRONMENT, ...optionsOf(address, secrets, agent) });
  return {
    docker,
    engine: address.name,
    address,
    url: urlOf(address),
    seen: new SeenReplicas(),
    close: () => agent.destroy(),
  };
}

function agentFor({ way }: EngineAddress, secrets: EngineSecrets): HttpAgent | HttpsAgent {
  if (secrets.kind === 'tls') return new HttpsAgent({ keepAlive: true });
  if (way.kind !== 'ssh' || secrets.kind !== 'ssh') return new HttpAgent({ keepAlive: true });
  const { host, port, user } = way;
  return new SshAgent({ host, port, user, key: secrets.key, hostKey: secrets.hostKey });
}

/**
 * The library makes a text of each request's options for a log that nobody reads: all that hangs on the agent, its sockets and
 * their requests, took a third of a worker's time in a release.
 */
const briefly = <Agent extends HttpAgent | HttpsAgent>(agent: Agent): Agent =>
  Object.assign(agent, { [inspect.custom]: () => agent.constructor.name });

/** The library takes an agent; its types do not know. */
type Options = Docker.DockerOptions & { readonly agent?: HttpAgent | HttpsAgent };

const NOTHING_FROM_THE_ENVIRONMENT = {
  host: undefined,
  port: undefined,
  ca: undefined,
  cert: undefined,
  key: undefined,
  pathPrefix: '/',
  protocol: 'http',
} as unknown as Docker.DockerOptions;

function optionsOf({ way }: EngineAddress, secrets: EngineSecrets, agent: HttpAgent | HttpsAgent): Options {
  switch (way.kind) {
    case 'socket':
      return { socketPath: way.path, agent };
    case 'tcp': {
      const { host, port } = way;
      if (secrets.kind !== 'tls') return { protocol: 'http', host, port, agent };
      return { protocol: 'https', host, port, agent, ca: secrets.ca, cert: secrets.certificate, key: secrets.key };
    }
    case 'ssh':
      // The name of the host is for the header only: the agent knows the way.
      return { protocol: 'http', host: 'docker', port: 80, agent };
  }
}

function urlOf({ way }: EngineAddress): string {
  switch (way.kind) {
    case 'socket':
      return `unix://${way.path}`;
    case 'tcp':
      return `tcp://${way.host}:${way.port}`;
    case 'ssh':
      return `ssh://${way.user}@${way.host}:${way.port}`;
  }
}

/** Options with the signal that ends their request; the types of some calls do not know that they take one. */
export const bounded = <Options extends object>(options: Options, abortSignal: AbortSignal) => ({
  ...options,
  abortSignal,
});

/**
 * The answer to one question, within its bounds. Throws the signal's reason when that was aborted, else ENGINE_UNREACHABLE or
 * an `EngineAnswer`, whatever the library made of it: a daemon that dies within an answer leaves the library waiting for ever.
 */
export async function ask<T>(
  client: DockerClient,
  question: Question,
  send: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { signal, timeoutMs } = question;
  signal?.throwIfAborted();
  const limit = AbortSignal.timeout(timeoutMs);
  const bounds = signal ? AbortSignal.any([limit, signal]) : limit;
  const stopped = new Promise<never>((_resolve, reject) => {
    bounds.addEventListener('abort', () => reject(new Error('stopped')), { once: true });
  });
  try {
    return await Promise.race([send(bounds), stopped]);
  } catch (error) {
    signal?.throwIfAborted();
    if (limit.aborted) throw unreachable(client, `no answer within ${timeoutMs} ms (${question.what})`, error);
    throw whatTheEngineSaid(client, question.what, error);
  }
}

/** The same for an answer that goes on: the time limit is for its beginning only, `signal` ends it at any time. */
export async function open<T>(
  client: DockerClient,
  question: Question & { readonly signal: AbortSignal },
  send: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const gaveUp = new AbortController();
  try {
    return await ask(client, question, () => send(AbortSignal.any([question.signal, gaveUp.signal])));
  } catch (error) {
    gaveUp.abort();
    throw error;
  }
}
