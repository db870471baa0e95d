// One container of the fake engine: a state, lines, and a small web server while it runs.
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { NewReplica, Replica } from '#domain/ports/container-engine.port.ts';

/** What a container's program does once it is started. */
export type FakeBehaviour =
  | { readonly kind: 'serves'; readonly lines?: readonly string[]; readonly answer?: RequestListener }
  | {
      readonly kind: 'ends';
      readonly code: number;
      readonly outOfMemory?: boolean;
      readonly lines?: readonly string[];
    };

/** SIGKILL's exit code, which a program has that was ended by force. */
const KILLED = 137;

export class FakeReplica {
  readonly id: string;
  readonly made: NewReplica;
  readonly lines: string[] = [];
  readonly #engine: string;
  #state: Replica['state'] = 'created';
  #startedAt: Replica['startedAt'] = null;
  #exit: Replica['exit'] = null;
  #server: Server | null = null;

  constructor(engine: string, id: string, made: NewReplica) {
    this.#engine = engine;
    this.id = id;
    this.made = made;
  }

  get isRunning(): boolean {
    return this.#state === 'running';
  }

  /** Resolves when it listens, or has ended already. */
  async start(behaviour: FakeBehaviour): Promise<void> {
    this.#startedAt = new Date().toISOString();
    this.#exit = null;
    this.#state = 'running';
    this.lines.push(...(behaviour.lines ?? []));
    if (behaviour.kind === 'ends') return this.end(behaviour.code, behaviour.outOfMemory);
    const server = createServer(behaviour.answer ?? ((_request, response) => response.end(this.made.name)));
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    server.unref();
  }

  async end(code: number = KILLED, outOfMemory = false): Promise<void> {
    this.#state = 'exited';
    this.#exit = { code, outOfMemory, at: new Date().toISOString() };
    const server = this.#server;
    this.#server = null;
    server?.closeAllConnections();
    await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
  }

  show(): Replica {
    const address = this.#server?.address() as AddressInfo | null | undefined;
    return {
      engine: this.#engine,
      id: this.id,
      name: this.made.name,
      state: this.#state,
      labels: this.made.labels,
      address: address ? { host: address.address, port: address.port } : null,
      startedAt: this.#startedAt,
      exit: this.#exit,
      image: this.made.spec.image,
      imageId: this.made.spec.image,
    };
  }
}
