import { readSections } from '../../../activities/adapters/postgres/configuration.ts';
import { readEnvironments } from '../../../activities/adapters/postgres/environments.ts';
import type { Connection, Pool } from '../../../activities/adapters/postgres/pool.ts';
import { ConfigurationFile } from '#domain/environments/configuration.schema.ts';
import { environmentOf } from '#domain/environments/environment.ts';
import type { WholeConfiguration } from '#domain/environments/references.ts';
import { checkDocument } from './read-document.ts';

/** The configuration as it is stored, read as the file that would say all of it. Empty before the first `env apply`. */
export async function loadConfiguration(connection: Connection | Pool): Promise<WholeConfiguration> {
  const [sections, environments] = [await readSections(connection), await readEnvironments(connection)];
  return readWhole({ ...sections, environments }, 'the stored configuration');
}

/** A configuration document with its environments apart. Throws CONFIG_INVALID naming `source`. */
export function readWhole(document: unknown, source: string): WholeConfiguration {
  const configuration = checkDocument(ConfigurationFile, document, source);
  const environments = Object.entries(configuration.environments ?? {}).map(([name, spec]) =>
    environmentOf(name, spec),
  );
  return { configuration, environments };
}
