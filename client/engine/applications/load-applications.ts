import { readApplications } from '../../../activities/adapters/postgres/applications.ts';
import type { Connection, Pool } from '../../../activities/adapters/postgres/pool.ts';
import { ApplicationsByName, type ApplicationSpec } from '#domain/containers/application.schema.ts';
import { nearest } from '#domain/environments/problem.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import { checkDocument } from '../environments/read-document.ts';

export interface Application {
  readonly name: string;
  readonly spec: ApplicationSpec;
  /** As it was written, secrets replaced by references. */
  readonly written: unknown;
}

/** Every application with its defaults filled in, by name. */
export async function loadApplications(database: Connection | Pool): Promise<Application[]> {
  const stored = await readApplications(database);
  const checked = checkDocument(ApplicationsByName, stored, 'the stored applications');
  return Object.entries(checked).map(([name, spec]) => ({ name, spec, written: stored[name] }));
}

/** The application `name`; `where` names the place that asked. Throws APPLICATION_UNKNOWN with those that exist. */
export async function loadApplication(database: Connection | Pool, name: string, where = ''): Promise<Application> {
  const applications = await loadApplications(database);
  const found = applications.find((one) => one.name === name);
  if (found) return found;
  const known = applications.map((one) => one.name);
  const near = nearest(name, known);
  throw sluiceError(
    'APPLICATION_UNKNOWN',
    { application: name },
    {
      where,
      found: known.length === 0 ? 'no application at all' : known.join(', '),
      ...(near !== null && { hint: `did you mean ${near}? · sluice app show ${near}` }),
    },
  );
}
