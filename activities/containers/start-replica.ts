import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { ContainerSpec } from '#domain/containers/container-spec.ts';
import { SluiceError } from '#domain/errors/failure.ts';
import type { ContainerEngine, NewReplica, Replica } from '#domain/ports/container-engine.port.ts';
import type { ReleaseRow } from '../adapters/postgres/release-rows.ts';
import { resolveTexts } from '../runtime/resolve-texts.ts';
import { engineFor, labelsFor, nameOf, type Instance } from './instances.ts';
import type { ReleaseWork } from './release-work.ts';

export interface ReplicaWish {
  readonly row: ReleaseRow;
  /** 1-based. */
  readonly replica: number;
  readonly step: string;
}

/** The replica runs when this returns, whether it was made now, by an earlier attempt, or had only been stopped. */
export async function startReplica(work: ReleaseWork, { row, replica, step }: ReplicaWish): Promise<Instance> {
  const { signal } = work;
  const on = await work.engine(engineFor(row, replica));
  const name = nameOf(row, replica);
  const { texts: env } = await resolveTexts(row.spec.container.env, work);
  const labels = labelsFor(row, { replica, step, plan: work.ref.digest, spec: specDigest(row.spec.container) });
  // Fenced by this run, also where it brings back what another run had made.
  const owned = { ...labels, generation: work.row.generation };
  const made: NewReplica = { name, spec: row.spec.container, env, labels: owned };
  const started = await run(work, on, made).catch(async (error: unknown) => {
    if (!(error instanceof SluiceError) || error.code !== 'CONTAINER_STUCK') throw error;
    await on.removeReplica(name, { signal });
    return run(work, on, made);
  });
  work.pulse.note({ started: name });
  return { ...started, on };
}

async function run({ signal, reached }: ReleaseWork, on: ContainerEngine, made: NewReplica): Promise<Replica> {
  await on.createReplica(made, { signal });
  await reached?.('container-created');
  const started = await on.startReplica(made.name, { signal });
  await reached?.('container-started');
  return started;
}

/** SHA-256 over the spec's RFC 8785 form: equal for containers that are made alike. */
function specDigest(spec: ContainerSpec): string {
  return createHash('sha256')
    .update(canonicalize(spec) ?? '', 'utf8')
    .digest('hex');
}
