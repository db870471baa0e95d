import { isDeepStrictEqual } from 'node:util';
import {
  lockApplications,
  readApplications,
  writeApplication,
  type StoredApplications,
} from '../../../activities/adapters/postgres/applications.ts';
import { inTransaction, type Connection } from '../../../activities/adapters/postgres/pool.ts';
import { ApplicationFile } from '#domain/containers/application.schema.ts';
import { dependencyProblems } from '#domain/containers/dependencies.ts';
import { moveSecrets, type MovedSecret } from '#domain/environments/secrets.ts';
import type { EngineDeps } from '../engine.ts';
import { checkDocument, readDocument, refusal, type WrittenFile } from '../environments/read-document.ts';
import { repeatableWrite } from '../environments/repeatable-write.ts';
import { writeSecrets } from '../environments/secret-files.ts';

export interface AppliedApplications {
  readonly created: readonly string[];
  readonly updated: readonly string[];
  readonly unchanged: readonly string[];
  /** Inline secrets that were moved: where they stood, and the reference that stands there now. */
  readonly secrets: readonly { readonly path: string; readonly secretRef: string }[];
}

/**
 * Stores applications, merged by name; all or nothing, and the same file again changes nothing. Inline secrets go to files
 * below the data directory. Throws CONFIG_UNREADABLE, or CONFIG_INVALID with every problem.
 */
export async function applyApplications(
  deps: EngineDeps,
  { file, by }: { readonly file: WrittenFile; readonly by: string },
): Promise<AppliedApplications> {
  const document = readDocument(file);
  checkDocument(ApplicationFile, document, file.name);
  const { document: safe, secrets } = moveSecrets(document);
  const given = (safe as { applications: StoredApplications }).applications;
  const dataDirectory = await deps.dataDirectory();
  const stored = await repeatableWrite(deps, (pool) =>
    inTransaction(pool, async (connection) => {
      const changes = await store(connection, given, { file: file.name, by });
      // Last before the commit: a file that cannot be written undoes the rest.
      await writeSecrets(dataDirectory, secrets);
      return changes;
    }),
  );
  return { ...stored, secrets: secrets.map(referenceOf) };
}

const referenceOf = ({ path, file }: MovedSecret) => ({ path, secretRef: `file:${file}` });

async function store(
  connection: Connection,
  given: StoredApplications,
  { file, by }: { readonly file: string; readonly by: string },
): Promise<Omit<AppliedApplications, 'secrets'>> {
  await lockApplications(connection);
  const present = await readApplications(connection);
  refuseBroken({ ...present, ...given }, file);
  const isKnown = (name: string): boolean => Object.hasOwn(present, name);
  const isSame = (name: string): boolean => isKnown(name) && isDeepStrictEqual(present[name], given[name]);
  const names = Object.keys(given);
  for (const name of names.filter((one) => !isSame(one))) {
    await writeApplication(connection, name, { spec: given[name], by });
  }
  return {
    created: names.filter((name) => !isKnown(name)),
    updated: names.filter((name) => isKnown(name) && !isSame(name)),
    unchanged: names.filter(isSame),
  };
}

/** Applications given now and before together. */
function refuseBroken(applications: StoredApplications, file: string): void {
  const whole = checkDocument(ApplicationFile, { applications }, file);
  const dependencies = Object.entries(whole.applications).map(([name, spec]) => [name, spec.depends_on] as const);
  const problems = dependencyProblems(Object.fromEntries(dependencies));
  if (problems.length > 0) throw refusal(problems, file);
}
