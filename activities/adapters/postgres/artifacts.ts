/** Firmware of the registry: table `artifacts`. The bytes are files, named by their hash. */
import type { Artifact } from '#domain/fleet/artifact.ts';
import type { Connection, Pool } from './pool.ts';

type Queryable = Pool | Connection;

const COLUMNS = `name, version, hardware, minimum_version as "minimumVersion", sha256, size_bytes as "sizeBytes",
  signature, key_id as "keyId", provenance, added_at as "addedAt"`;

type Row = Omit<Artifact, 'addedAt'> & { readonly addedAt: Date };

/** Saves a firmware unless its name and version are taken; the result is the one that stands there, and whether it is this one. */
export async function insertArtifact(
  database: Queryable,
  artifact: Omit<Artifact, 'addedAt'>,
): Promise<{ saved: Artifact; isNew: boolean }> {
  const { rows } = await database.query<Row>(
    `insert into artifacts (name, version, hardware, minimum_version, sha256, size_bytes, signature, key_id, provenance)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (name, version) do nothing returning ${COLUMNS}`,
    [
      artifact.name,
      artifact.version,
      artifact.hardware,
      artifact.minimumVersion,
      artifact.sha256,
      artifact.sizeBytes,
      artifact.signature,
      artifact.keyId,
      JSON.stringify(artifact.provenance),
    ],
  );
  const [inserted] = rows;
  if (inserted !== undefined) return { saved: fromRow(inserted), isNew: true };
  const saved = await findArtifact(database, artifact.name, artifact.version);
  if (saved === null) throw new Error(`${artifact.name} ${artifact.version} was deleted while it was saved`);
  return { saved, isNew: false };
}

/** Gives a known firmware another signature over the same facts. */
export async function replaceSignature(
  database: Queryable,
  artifact: Artifact,
  { signature, keyId }: Pick<Artifact, 'signature' | 'keyId'>,
): Promise<Artifact> {
  await database.query('update artifacts set signature = $3, key_id = $4 where name = $1 and version = $2', [
    artifact.name,
    artifact.version,
    signature,
    keyId,
  ]);
  return { ...artifact, signature, keyId };
}

/** The firmware, or null. */
export async function findArtifact(database: Queryable, name: string, version: string): Promise<Artifact | null> {
  const { rows } = await database.query<Row>(`select ${COLUMNS} from artifacts where name = $1 and version = $2`, [
    name,
    version,
  ]);
  return rows[0] === undefined ? null : fromRow(rows[0]);
}

/** What `name` and `versions` (null: any) ask for, by name, the oldest first. */
export async function listArtifacts(
  database: Queryable,
  {
    name = null,
    versions = null,
  }: { readonly name?: string | null; readonly versions?: readonly string[] | null } = {},
): Promise<Artifact[]> {
  const { rows } = await database.query<Row>(
    `select ${COLUMNS} from artifacts
     where ($1::text is null or name = $1) and ($2::text[] is null or version = any($2))
     order by name, added_at, version`,
    [name, versions],
  );
  return rows.map(fromRow);
}

const fromRow = (row: Row): Artifact => ({ ...row, addedAt: row.addedAt.toISOString() });
