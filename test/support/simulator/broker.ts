/** A real mosquitto for one test file, on a port of its own. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const DEADLINE_MS = 10_000;

export class TestBroker {
  readonly url: string;
  readonly #folder: string;
  readonly #port: number;
  #process: ChildProcess | undefined;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.#port = port;
    this.url = `mqtt://127.0.0.1:${port}`;
  }

  static async start(): Promise<TestBroker> {
    const folder = await mkdtemp(join(tmpdir(), 'simulator-broker-'));
    const broker = new TestBroker(folder, await freePort());
    const settings = [`listener ${broker.#port} 127.0.0.1`, 'allow_anonymous true', 'use_username_as_clientid false'];
    await writeFile(join(folder, 'mosquitto.conf'), `${settings.join('\n')}\nmax_queued_messages 0\n`);
    await broker.up();
    return broker;
  }

  /** Starts the broker (again) and resolves when it takes connections. */
  async up(): Promise<void> {
    this.#process = spawn('/usr/sbin/mosquitto', ['-c', join(this.#folder, 'mosquitto.conf')], { stdio: 'ignore' });
    const deadline = Date.now() + DEADLINE_MS;
    while (!(await accepts(this.#port))) {
      if (Date.now() > deadline) throw new Error(`mosquitto does not listen on ${this.#port}`);
      await new Promise((again) => setTimeout(again, 20));
    }
  }

  /** Ends the broker as a crash does; `up` brings back an empty one. */
  async kill(): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (running === undefined) return;
    const gone = once(running, 'exit');
    running.kill('SIGKILL');
    await gone;
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
