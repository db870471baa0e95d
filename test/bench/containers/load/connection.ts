import { connect, type Socket } from 'node:net';
import { AnswerReader, type Answer } from './answer-reader.ts';

const TIMEOUT_MS = 30_000;

/** Why there is no answer. `silent`: the connection ended before one byte of it. */
export type Exchange =
  | { readonly kind: 'answered'; readonly answer: Answer; readonly firstByteMs: number }
  | { readonly kind: 'silent'; readonly reason: string }
  | { readonly kind: 'broken'; readonly reason: string };

interface Waiting {
  readonly startedAt: number;
  firstByteMs: number | null;
  resolve(exchange: Exchange): void;
}

/** One TCP connection; one request at a time. */
export class Connection {
  readonly #socket: Socket;
  readonly #host: string;
  #reader = new AnswerReader();
  #waiting: Waiting | null = null;
  #endReason: string | null = null;
  #answers = 0;

  constructor(host: string, port: number) {
    this.#host = `${host}:${port}`;
    this.#socket = connect({ host, port, noDelay: true });
    this.#socket.on('data', (bytes) => this.#read(bytes));
    this.#socket.once('error', (error: NodeJS.ErrnoException) => this.#end(error.code ?? error.message));
    this.#socket.once('close', () => this.#end('closed'));
    this.#socket.setTimeout(TIMEOUT_MS, () => this.#socket.destroy(new Error(`no answer in ${TIMEOUT_MS} ms`)));
  }

  /** True after a first answer: from then on the server may close it at any moment. */
  get wasUsed(): boolean {
    return this.#answers > 0;
  }

  get isOpen(): boolean {
    return this.#endReason === null;
  }

  /** Sends a GET; never rejects. */
  get(path: string, keeps: boolean): Promise<Exchange> {
    if (this.#endReason !== null) return Promise.resolve({ kind: 'silent', reason: this.#endReason });
    this.#socket.write(
      `GET ${path} HTTP/1.1\r\nHost: ${this.#host}\r\nConnection: ${keeps ? 'keep-alive' : 'close'}\r\n\r\n`,
    );
    const startedAt = performance.now();
    return new Promise((resolve) => {
      this.#waiting = { startedAt, firstByteMs: null, resolve };
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(bytes: Buffer): void {
    const waiting = this.#waiting;
    if (waiting === null) return this.close();
    waiting.firstByteMs ??= performance.now() - waiting.startedAt;
    try {
      const answer = this.#reader.push(bytes);
      if (answer === null) return;
      this.#answers += 1;
      this.#waiting = null;
      if (answer.isLast) this.close();
      if (answer.isLast) this.#endReason = 'closed';
      waiting.resolve({ kind: 'answered', answer, firstByteMs: waiting.firstByteMs });
    } catch (error) {
      this.#end(error instanceof Error ? error.message : String(error));
      this.close();
    }
  }

  #end(reason: string): void {
    this.#endReason ??= reason;
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.resolve({ kind: this.#reader.hasBegun ? 'broken' : 'silent', reason });
  }
}
