import { isDeepStrictEqual } from 'node:util';
import { lockConfiguration, readSections, writeSections } from '../../../activities/adapters/postgres/configuration.ts';
import {
  readEnvironments,
  writeEnvironment,
  type StoredEnvironments,
} from '../../../activities/adapters/postgres/environments.ts';
import { listGroups } from '../../../activities/adapters/postgres/groups.ts';
import { inTransaction, type Connection } from '../../../activities/adapters/postgres/pool.ts';
import { ConfigurationFile } from '#domain/environments/configuration.schema.ts';
import { notUsedYet } from '#domain/environments/not-used-yet.ts';
import { nearest } from '#domain/environments/problem.ts';
import { brokenReferences, type WholeConfiguration } from '#domain/environments/references.ts';
import { moveSecrets } from '#domain/environments/secrets.ts';
import { missingApprovers } from '#domain/plan/approvers.ts';
import type { EngineDeps } from '../engine.ts';
import { policyProblems } from '../policy/policy-problems.ts';
import { tellOpenRuns } from '../policy/tell-open-runs.ts';
import { readWhole } from './load-configuration.ts';
import { checkDocument, readDocument, refusal, type WrittenFile } from './read-document.ts';
import { repeatableWrite } from './repeatable-write.ts';
import { writeSecrets } from './secret-files.ts';

export interface ApplyInput {
  readonly file: WrittenFile;
  readonly by: string;
}

export interface EnvironmentChanges {
  readonly created: readonly string[];
  readonly updated: readonly string[];
  readonly unchanged: readonly string[];
}

export interface AppliedConfiguration {
  /** Sections that the file gave and that now replace the stored ones. */
  readonly sections: readonly string[];
  readonly environments: EnvironmentChanges;
  readonly notUsedYet: readonly string[];
  /** Inline secrets that were moved: where they stood, and the reference that stands there now. */
  readonly secrets: readonly { readonly path: string; readonly secretRef: string }[];
  readonly notes: readonly string[];
}

interface Given {
  readonly sections: Readonly<Record<string, unknown>>;
  readonly environments: StoredEnvironments;
}

/**
 * Stores a configuration file: each section that it gives replaces the stored one, sections that it leaves out stay, and
 * environments are merged by name. All or nothing; the same file again changes nothing. Inline secrets go to files below the
 * data directory. Throws CONFIG_UNREADABLE, or CONFIG_INVALID with every problem.
 */
export async function applyConfiguration(deps: EngineDeps, { file, by }: ApplyInput): Promise<AppliedConfiguration> {
  const document = readDocument(file);
  const configuration = checkDocument(ConfigurationFile, document, file.name);
  const { document: safe, secrets } = moveSecrets(document);
  const { environments = {}, ...sections } = safe as { environments?: StoredEnvironments } & Record<string, unknown>;
  const dataDirectory = await deps.dataDirectory();
  const stored = await repeatableWrite(deps, (pool) =>
    inTransaction(pool, async (connection) => {
      const result = await store(connection, { sections, environments }, { file: file.name, by });
      // Last before the commit: a file that cannot be written undoes the rest.
      await writeSecrets(dataDirectory, secrets);
      return result;
    }),
  );
  const untold = await tellOpenRuns(deps, Object.keys(environments));
  return {
    sections: Object.keys(sections),
    ...stored,
    notes: [...stored.notes, ...untold],
    notUsedYet: notUsedYet(configuration),
    secrets: secrets.map(({ path, file: target }) => ({ path, secretRef: `file:${target}` })),
  };
}

async function store(
  connection: Connection,
  given: Given,
  { file, by }: { readonly file: string; readonly by: string },
): Promise<{ environments: EnvironmentChanges; notes: string[] }> {
  await lockConfiguration(connection);
  const [before, present] = [await readSections(connection), await readEnvironments(connection)];
  const sections = { ...before, ...given.sections };
  const whole = readWhole({ ...sections, environments: { ...present, ...given.environments } }, file);
  const problems = [...brokenReferences(whole), ...policyProblems(whole.environments)];
  if (problems.length > 0) throw refusal(problems, file);
  if (!isDeepStrictEqual(before, sections)) await writeSections(connection, sections, by);
  const environments = changes(present, given.environments);
  for (const name of [...environments.created, ...environments.updated]) {
    await writeEnvironment(connection, name, given.environments[name]);
  }
  const groups = (await listGroups(connection)).map(({ name }) => name);
  return { environments, notes: [...missingApprovers(whole), ...missingGroups(whole, groups)] };
}

/** Groups may be made later, before the first plan; a name that is only misspelt would be noticed no earlier. */
function missingGroups({ environments }: WholeConfiguration, known: readonly string[]): string[] {
  return environments.flatMap(({ name, deviceGroups }) => {
    const missing = deviceGroups.filter((group) => !known.includes(group));
    return missing.map((group) => `environment ${name}: there is no group ${group} yet${meantGroup(group, known)}`);
  });
}

function meantGroup(written: string, known: readonly string[]): string {
  const near = nearest(written, known);
  return near === null ? ` (sluice group create ${written} --filter CEL)` : ` (did you mean ${near}?)`;
}

function changes(present: StoredEnvironments, given: StoredEnvironments): EnvironmentChanges {
  const names = Object.keys(given);
  const isKnown = (name: string): boolean => Object.hasOwn(present, name);
  const isSame = (name: string): boolean => isKnown(name) && isDeepStrictEqual(present[name], given[name]);
  return {
    created: names.filter((name) => !isKnown(name)),
    updated: names.filter((name) => isKnown(name) && !isSame(name)),
    unchanged: names.filter(isSame),
  };
}
