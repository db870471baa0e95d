import type { ContainerInfo, ContainerInspectInfo } from 'dockerode';
import type { Replica } from '#domain/ports/container-engine.port.ts';

const MOST_REMEMBERED = 2_000;

/**
 * Running containers as they were seen last. A list tells of which start each is (the engine makes new end points in its
 * networks for every start), so what was seen of the same start is still so: a list of many costs one question.
 */
export class SeenReplicas {
  readonly #byId = new Map<string, { readonly start: string; readonly replica: Replica }>();

  /** What `found` said; forgotten again when it does not run. */
  note({ Id, Name, State, NetworkSettings }: ContainerInspectInfo, replica: Replica): void {
    this.#byId.delete(Id);
    const start = startOf(State.Status, [Name], NetworkSettings.Networks);
    if (start !== null) this.#byId.set(Id, { start, replica });
    const [oldest] = this.#byId.keys();
    if (this.#byId.size > MOST_REMEMBERED && oldest !== undefined) this.#byId.delete(oldest);
  }

  /** The replica of this line of a list; null when it has to be looked at. */
  find({ Id, Names, State, NetworkSettings }: ContainerInfo): Replica | null {
    const start = startOf(State, Names, NetworkSettings.Networks);
    const seen = this.#byId.get(Id);
    return start !== null && seen?.start === start ? seen.replica : null;
  }
}

type Networks = Readonly<Record<string, { readonly EndpointID?: string }>>;

/** Null for a container that does not run, or whose starts cannot be told apart. */
function startOf(state: string, names: readonly string[], networks: Networks): string | null {
  const ends = Object.entries(networks).map(([name, { EndpointID: end = '' }]) => [name, end] as const);
  if (state !== 'running' || ends.length === 0 || ends.some(([, end]) => end === '')) return null;
  return JSON.stringify([names, ends.toSorted(([one], [other]) => one.localeCompare(other))]);
}
