/** A real mosquitto for one test file, on a port of its own, that can die and come back there. */
import { startMosquitto, type MosquittoServer } from '../servers/mosquitto.ts';

export class TestBroker {
  #server: MosquittoServer;

  private constructor(server: MosquittoServer) {
    this.#server = server;
  }

  static async start(): Promise<TestBroker> {
    return new TestBroker(await startMosquitto());
  }

  get url(): string {
    return this.#server.url;
  }

  /** Starts the broker again, empty, and resolves when it takes connections. */
  async up(): Promise<void> {
    this.#server = await startMosquitto({ port: this.#server.port });
  }

  /** Ends the broker as a crash does. */
  kill(): Promise<void> {
    return this.#server.kill();
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }
}
