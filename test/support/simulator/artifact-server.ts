/** Serves firmware to simulated devices, with the faults of a real network on demand. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Download {
  readonly authorization: string | undefined;
  readonly range: string | undefined;
}

export class ArtifactServer {
  readonly downloads: Download[] = [];
  readonly #server: Server;
  readonly #files = new Map<string, Buffer>();
  /** The next answers are cut after so many bytes each. */
  cuts: number[] = [];
  ignoresRange = false;

  private constructor(server: Server) {
    this.#server = server;
    server.on('request', (request, response) => this.#answer(request, response));
  }

  static async start(): Promise<ArtifactServer> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ArtifactServer(server);
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Serves `bytes` at the address, whether or not they are what the address promises. */
  serve(url: string, bytes: Buffer): void {
    this.#files.set(new URL(url).pathname, bytes);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { authorization, range } = request.headers;
    this.downloads.push({ authorization, range });
    const bytes = this.#files.get(request.url ?? '');
    if (bytes === undefined) return void response.writeHead(404).end();
    const asked = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
    const from = this.ignoresRange ? 0 : asked;
    if (from >= bytes.length) return void response.writeHead(416).end();
    const headers = { 'content-length': bytes.length - from };
    if (from === 0) response.writeHead(200, headers);
    else response.writeHead(206, { ...headers, 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` });
    const cutAfter = this.cuts.shift();
    if (cutAfter === undefined) return void response.end(bytes.subarray(from));
    response.write(bytes.subarray(from, from + cutAfter), () => response.destroy());
  }
}
