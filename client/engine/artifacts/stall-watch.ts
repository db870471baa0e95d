/** So little in a whole stretch is a server that keeps the connection, and nothing else, alive. */
const LEAST_BYTES = 16 * 1024;

/** Calls `onStall` once when fewer than 16 KiB came in a stretch of `stallMs`; a byte a second is no download. */
export class StallWatch {
  readonly #timer: NodeJS.Timeout;
  #sinceRefresh = 0;

  constructor(stallMs: number, onStall: () => void) {
    this.#timer = setTimeout(onStall, stallMs);
  }

  received(bytes: number): void {
    this.#sinceRefresh += bytes;
    if (this.#sinceRefresh < LEAST_BYTES) return;
    this.#sinceRefresh = 0;
    this.#timer.refresh();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
