import type { PartName } from '../../client/engine/stack/part-names.ts';
import type { PartPlace } from './part-process.ts';
import { PartRunner, type OnPartEvent } from './part-runner.ts';
import type { Part } from './part.ts';

/** All parts together: started in the order of their needs, as many at once as that allows, and stopped in the opposite order. */
export class Stack {
  readonly #parts: readonly Part[];
  readonly #runners = new Map<PartName, PartRunner>();

  constructor(parts: readonly Part[], place: PartPlace, onEvent: OnPartEvent) {
    this.#parts = parts;
    for (const part of parts) {
      if (part.kind === 'embedded') this.#runners.set(part.name, new PartRunner(part, place, onEvent));
    }
  }

  /** Resolves when every part is ready; the first that fails decides, and the others have to be stopped. */
  async start(): Promise<void> {
    const ready = new Map<PartName, Promise<void>>();
    for (const part of this.#parts) {
      const needed = part.after.flatMap((name) => ready.get(name) ?? []);
      ready.set(part.name, this.#startAfter(needed, part));
    }
    await Promise.all([...ready.values()]);
  }

  async #startAfter(needed: readonly Promise<void>[], part: Part): Promise<void> {
    await Promise.all(needed);
    await this.#runners.get(part.name)?.start();
    await part.whenReady();
  }

  /** Resolves when no part runs. */
  async stop(): Promise<void> {
    const stopped = new Map<PartName, Promise<void>>();
    for (const part of this.#parts.toReversed()) {
      const dependents = this.#parts
        .filter(({ after }) => after.includes(part.name))
        .flatMap(({ name }) => stopped.get(name) ?? []);
      const runner = this.#runners.get(part.name);
      stopped.set(
        part.name,
        Promise.all(dependents).then(() => runner?.stop()),
      );
    }
    await Promise.all([...stopped.values()]);
  }

  /** Ends everything at once. */
  kill(): void {
    for (const runner of this.#runners.values()) runner.kill();
  }
}
