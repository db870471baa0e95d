import { setTimeout as pause } from 'node:timers/promises';

const EVERY_MS = 15;
const RECENT = 120;

/** What the clients of the demo have got. */
export interface Answers {
  readonly requests: number;
  /** Answers 500 of a version that is bad. */
  readonly bad: number;
  /** Requests that nobody answered. */
  readonly lost: number;
  /** Of the last ones, by version. */
  readonly recent: Readonly<Record<string, number>>;
}

/** Clients that ask the application all the time, each time as another one. */
export class Clients {
  readonly #url: string;
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;
  readonly #recent: string[] = [];
  #requests = 0;
  #bad = 0;
  #lost = 0;

  constructor(url: string) {
    this.#url = url;
    this.#ended = this.#ask();
  }

  get answers(): Answers {
    const recent: Record<string, number> = {};
    for (const version of this.#recent) recent[version] = (recent[version] ?? 0) + 1;
    return { requests: this.#requests, bad: this.#bad, lost: this.#lost, recent };
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#ended;
  }

  async #ask(): Promise<void> {
    const under = new Set<Promise<void>>();
    while (!this.#stop.signal.aborted) {
      const one = this.#askOnce().finally(() => under.delete(one));
      under.add(one);
      await pause(EVERY_MS);
    }
    await Promise.all(under);
  }

  async #askOnce(): Promise<void> {
    this.#requests += 1;
    try {
      const response = await fetch(this.#url, { headers: { 'x-client-id': `client-${this.#requests}` } });
      const { version } = (await response.json()) as { version?: string };
      if (response.status >= 500) this.#bad += 1;
      if (version !== undefined) this.#note(version);
    } catch {
      this.#lost += 1;
    }
  }

  #note(version: string): void {
    this.#recent.push(version);
    if (this.#recent.length > RECENT) this.#recent.shift();
  }
}
