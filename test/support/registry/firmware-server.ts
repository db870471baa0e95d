/** An HTTP server of a test: each path behaves as it is told to. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export class FirmwareServer {
  readonly #server: Server;
  readonly #paths = new Map<string, RequestListener>();
  /** What came, oldest first. */
  readonly requests: { readonly path: string; readonly headers: Readonly<Record<string, unknown>> }[] = [];

  private constructor() {
    this.#server = createServer((request, response) => {
      const path = new URL(request.url ?? '/', this.base).pathname;
      this.requests.push({ path, headers: request.headers });
      const answer = this.#paths.get(path);
      if (answer === undefined) response.writeHead(404).end();
      else answer(request, response);
    });
  }

  static async start(): Promise<FirmwareServer> {
    const server = new FirmwareServer();
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get base(): string {
    return `http://${this.host}`;
  }

  /** Answers at `path` from now on; the address of it. */
  at(path: string, answer: RequestListener): string {
    this.#paths.set(path, answer);
    return `${this.base}${path}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
