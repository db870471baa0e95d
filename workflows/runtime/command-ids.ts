import type { CommandName } from '#domain/run/commands.ts';

/**
 * A caller repeats a command for half a minute at most, the server knows an update's id for as long as its run; so what
 * many later commands lie on top of is not sent again.
 */
const MOST_KEPT = 1_000;

/** The commands that a run took, so that it takes none twice. */
export class CommandIds {
  readonly #seen = new Set<string>();

  has(name: CommandName, commandId: string): boolean {
    return this.#seen.has(keyOf(name, commandId));
  }

  /** Remembers one; beyond the limit the oldest is forgotten. */
  add(name: CommandName, commandId: string): void {
    this.#seen.add(keyOf(name, commandId));
    if (this.#seen.size <= MOST_KEPT) return;
    const [oldest = ''] = this.#seen;
    this.#seen.delete(oldest);
  }
}

/** A command is repeated when name and id are: an id taken for another command is a caller's mistake. */
const keyOf = (name: CommandName, commandId: string): string => `${name} ${commandId}`;
