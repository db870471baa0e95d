/** Undoes one effect. It must accept that the effect never happened: it is registered before the effect. */
export interface Compensation<Result> {
  readonly id: string;
  readonly undo: (reason: string) => Promise<Result>;
}

/** What has to be undone, newest first. Registering the same id twice keeps the first. */
export class CompensationStack<Result> {
  readonly #entries: Compensation<Result>[] = [];

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  /** Called before the effect. */
  register(compensation: Compensation<Result>): void {
    if (!this.#entries.some((entry) => entry.id === compensation.id)) this.#entries.push(compensation);
  }

  /** Takes the newest entry off the stack; undefined when nothing is left. */
  pop(): Compensation<Result> | undefined {
    return this.#entries.pop();
  }
}
