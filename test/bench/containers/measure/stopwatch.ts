/** Where the wall time of a deployment goes. `rest` is what nobody accounts for: the deployer's own work. */
export const PHASES = ['docker', 'health', 'drain', 'routing', 'bake'] as const;
export type Phase = (typeof PHASES)[number];

/** Milliseconds of each phase, of the remainder, and of all together. */
export type Split = Readonly<Record<Phase | 'rest' | 'wall', number>>;

/** Splits a wall time into phases that come one after the other. */
export class Stopwatch {
  readonly #startedAt = performance.now();
  readonly #spent: Record<Phase, number> = { docker: 0, health: 0, drain: 0, routing: 0, bake: 0 };

  /** Runs `work` and adds its duration to `phase`. */
  async time<T>(phase: Phase, work: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    try {
      return await work();
    } finally {
      this.#spent[phase] += performance.now() - startedAt;
    }
  }

  read(): Split {
    const wall = performance.now() - this.#startedAt;
    const rest = wall - PHASES.reduce((sum, phase) => sum + this.#spent[phase], 0);
    return { ...this.#spent, rest, wall };
  }
}
