/** Requests that wait for their answer: repeated with the same token until it comes, whatever connection it comes on. */
import { randomBytes } from 'node:crypto';
import type { Answer } from './wire.schema.ts';

export interface Message {
  readonly topic: string;
  readonly payload: string;
}

export interface Request {
  readonly topic: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** Published just before each try: what the server must know by the time it reads the request. */
  readonly preamble?: Message;
}

export interface Retry {
  readonly firstMs: number;
  readonly jitterMs: number;
}

interface Pending {
  readonly messages: readonly Message[];
  readonly resolve: (answer: Answer) => void;
  readonly reject: (cause: Error) => void;
  tries: number;
  timer: NodeJS.Timeout | undefined;
}

/** The device was switched off while it waited. */
export class PoweredOff extends Error {
  override readonly name = 'PoweredOff';
}

const LONGEST_WAIT_MS = 60_000;
/** Refusals that say "not now": the request stands and is repeated with the same token. */
const NOT_NOW: ReadonlySet<string> = new Set(['RequestThrottled', 'InternalError']);

export class Requests {
  readonly #send: (message: Message) => boolean;
  readonly #retry: Retry;
  readonly #pending = new Map<string, Pending>();
  #isOff = false;
  repeated = 0;

  /** `send` returns false while there is no connection; such a try is not counted as a repetition. */
  constructor(send: (message: Message) => boolean, retry: Retry) {
    this.#send = send;
    this.#retry = retry;
  }

  /** The answer to the request, however many tries it takes. Rejects with `PoweredOff` only. */
  ask(request: Request): Promise<Answer> {
    if (this.#isOff) return Promise.reject(new PoweredOff());
    const token = randomBytes(12).toString('base64url');
    const message = { topic: request.topic, payload: JSON.stringify({ ...request.body, clientToken: token }) };
    const messages = request.preamble === undefined ? [message] : [request.preamble, message];
    return new Promise((resolve, reject) => {
      const pending: Pending = { messages, resolve, reject, tries: 0, timer: undefined };
      this.#pending.set(token, pending);
      this.#try(pending);
    });
  }

  /** Hands the answer to who asked; late and repeated answers find nobody and are dropped. */
  answer(token: string, answer: Answer): void {
    const pending = this.#pending.get(token);
    if (pending === undefined) return;
    if (answer.kind === 'rejected' && NOT_NOW.has(answer.code)) return;
    clearTimeout(pending.timer);
    this.#pending.delete(token);
    pending.resolve(answer);
  }

  /** Sends everything that waits at once: the connection is new and what was sent on the old one may be lost. */
  resend(): void {
    for (const pending of this.#pending.values()) {
      pending.tries = 0;
      this.#try(pending);
    }
  }

  /** Rejects what waits, and whatever is asked from now on. */
  abandon(): void {
    this.#isOff = true;
    for (const pending of this.#pending.values()) {
      clearTimeout(pending.timer);
      pending.reject(new PoweredOff());
    }
    this.#pending.clear();
  }

  #try(pending: Pending): void {
    clearTimeout(pending.timer);
    if (!pending.messages.every((message) => this.#send(message))) return;
    if (pending.tries > 0) this.repeated++;
    const waitMs = Math.min(this.#retry.firstMs * 2 ** pending.tries, LONGEST_WAIT_MS);
    pending.tries++;
    pending.timer = setTimeout(() => this.#try(pending), waitMs + Math.random() * this.#retry.jitterMs);
  }
}
