import { createEngineDeps } from '../../../client/engine/deps.ts';
import type { EngineDeps } from '../../../client/engine/engine.ts';
import { readSettings } from '../../../client/engine/settings.ts';
import { makeTempFolder } from '../servers/temp-folder.ts';
import { createTestDatabase } from '../servers/test-database.ts';

export interface TestEngine {
  readonly deps: EngineDeps;
  readonly folder: string;
  readonly databaseUrl: string;
  close(): Promise<void>;
}

/** The direct engine on an empty migrated database and an empty data directory of its own. */
export async function openTestEngine(): Promise<TestEngine> {
  const database = await createTestDatabase();
  const { path, remove } = makeTempFolder('registry');
  const deps = createEngineDeps(readSettings({ SLUICE_DATABASE_URL: database.url }, { dataDirectory: path }));
  return {
    deps,
    folder: path,
    databaseUrl: database.url,
    close: async () => {
      await deps.close();
      await database.drop();
      remove();
    },
  };
}
