import type { Artifact } from '#domain/fleet/artifact.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import { findArtifact, listArtifacts as artifactsOf } from '../../../activities/adapters/postgres/artifacts.ts';
import type { EngineDeps } from '../engine.ts';

/** Every firmware, or those of one name, by name and age. */
export async function listArtifacts(deps: EngineDeps, name: string | null): Promise<Artifact[]> {
  return artifactsOf(await deps.database(), { name });
}

/** The firmware with its provenance. Throws ARTIFACT_UNKNOWN naming the versions that exist. */
export async function showArtifact(deps: EngineDeps, name: string, version: string): Promise<Artifact> {
  const database = await deps.database();
  const artifact = await findArtifact(database, name, version);
  if (artifact !== null) return artifact;
  const known = (await artifactsOf(database, { name })).map((other) => other.version);
  const found = known.length === 0 ? `no firmware named ${name}` : `${name}: ${known.join(', ')}`;
  throw sluiceError('ARTIFACT_UNKNOWN', { name, version }, { where: '--name, --version', found });
}
