import type { EngineAddress } from '#domain/containers/engine-address.ts';
import { containerName, type ContainerLabels } from '#domain/containers/labels.ts';
import type { ContainerEngine, Replica, ReplicaFilter } from '#domain/ports/container-engine.port.ts';
import type { ContainerDeps } from './deps.ts';
import type { ReleaseRow } from '../adapters/postgres/release-rows.ts';

/** A container of ours and the engine that runs it. */
export interface Instance extends Replica {
  readonly on: ContainerEngine;
}

/** Containers of ours on all of these engines, those that do not run included, in order of their replicas. */
export async function instancesOf(
  { engine }: Pick<ContainerDeps, 'engine'>,
  engines: readonly EngineAddress[],
  filter: ReplicaFilter,
): Promise<Instance[]> {
  const lists = await Promise.all(
    engines.map(async (address) => {
      const on = await engine(address);
      return (await on.listReplicas(filter)).map((replica) => ({ ...replica, on }));
    }),
  );
  return lists.flat().sort((a, b) => a.labels.replica - b.labels.replica);
}

/** Those of one release. */
export const instancesOfRelease = (deps: Pick<ContainerDeps, 'engine'>, row: ReleaseRow): Promise<Instance[]> =>
  instancesOf(deps, row.spec.engines, {
    environment: row.environment,
    application: row.application,
    release: row.release,
  });

/** The engine that has, or will get, a replica (1-based): they take turns. */
export function engineFor(row: ReleaseRow, replica: number): EngineAddress {
  const { engines } = row.spec;
  const address = engines[(replica - 1) % engines.length];
  if (!address) throw new Error(`release ${row.release} of ${row.application} has no engine`);
  return address;
}

export const nameOf = (row: ReleaseRow, replica: number): string => containerName({ ...row, replica });

/** Of one that does not run: `exited 137, out of memory`, `created`. */
export const howItStands = ({ state, exit }: Replica): string =>
  exit === null ? state : `exited ${exit.code}${exit.outOfMemory ? ', out of memory' : ''}`;

/** What a container of the release bears. */
export function labelsFor(
  row: ReleaseRow,
  place: Pick<ContainerLabels, 'replica' | 'step' | 'plan' | 'spec'>,
): ContainerLabels {
  const { environment, application, version, release, run, generation } = row;
  return { environment, application, version, release, run, generation, ...place };
}
