import { createHash } from 'node:crypto';
import { Agent } from 'node:http';
import type { Duplex } from 'node:stream';
import { Client, type ClientChannel } from 'ssh2';

/** What reaches the engine that the account uses over there, wherever its socket is. */
const BRIDGE_COMMAND = 'docker system dial-stdio';
const READY_TIMEOUT_MS = 10_000;
/** A connection that says nothing is asked so often whether it lives, and given up after three silences. */
const ALIVE_EVERY_MS = 15_000;
/** An SSH server takes ten channels on a connection, unless it was told otherwise. */
const MOST_CHANNELS = 8;
/** Requests that wait for an answer need few; logs and events keep theirs. */
const MOST_IDLE = 4;

export interface SshPlace {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** PEM or OpenSSH text. */
  readonly key: string;
  /** `SHA256:…` of the server's key, as ssh-keygen shows it; null trusts whoever answers. */
  readonly hostKey: string | null;
}

interface Connection {
  readonly client: Client;
  readonly ready: Promise<void>;
  channels: number;
}

/**
 * Carries HTTP through channels of few SSH connections. The library's own opens a connection for each request: that is a
 * key exchange and a process each time, and SSH servers drop those that come at once.
 */
export class SshAgent extends Agent {
  readonly #place: SshPlace;
  #connections: Connection[] = [];

  constructor(place: SshPlace) {
    super({ keepAlive: true, maxFreeSockets: MOST_IDLE });
    this.#place = place;
  }

  override createConnection(_options: unknown, callback?: (error: Error | null, stream: Duplex) => void): undefined {
    this.#channel().then(
      (channel) => callback?.(null, channel),
      (error: Error) => (callback as ((error: Error) => void) | undefined)?.(error),
    );
  }

  override destroy(): void {
    super.destroy();
    for (const { client } of this.#connections) client.end();
    this.#connections = [];
  }

  async #channel(): Promise<Duplex> {
    const connection = this.#connections.find(({ channels }) => channels < MOST_CHANNELS) ?? this.#connect();
    connection.channels += 1;
    try {
      await connection.ready;
      const channel = await bridge(connection.client);
      channel.once('close', () => {
        connection.channels -= 1;
      });
      return asSocket(channel);
    } catch (error) {
      connection.channels -= 1;
      throw error;
    }
  }

  #connect(): Connection {
    const client = new Client();
    const ready = new Promise<void>((resolve, reject) => {
      client.once('ready', resolve);
      client.on('error', reject);
      client.once('close', () => reject(new Error('the SSH connection was closed')));
    });
    const connection: Connection = { client, ready, channels: 0 };
    client.once('close', () => {
      this.#connections = this.#connections.filter((other) => other !== connection);
    });
    this.#connections.push(connection);
    const { host, port, user, key, hostKey } = this.#place;
    client.connect({
      host,
      port,
      username: user,
      privateKey: key,
      readyTimeout: READY_TIMEOUT_MS,
      keepaliveInterval: ALIVE_EVERY_MS,
      ...(hostKey !== null && { hostVerifier: (shown: Buffer) => fingerprintOf(shown) === hostKey }),
    });
    return connection;
  }
}

const bridge = (client: Client): Promise<ClientChannel> =>
  new Promise((resolve, reject) => {
    client.exec(BRIDGE_COMMAND, (error, channel) => (error ? reject(error) : resolve(channel)));
  });

const fingerprintOf = (key: Buffer): string =>
  `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;

/** An agent sets what a socket has and a channel lacks. */
function asSocket(channel: ClientChannel): Duplex {
  const same = () => channel;
  return Object.assign(channel, { setKeepAlive: same, setNoDelay: same, setTimeout: same, ref: same, unref: same });
}
