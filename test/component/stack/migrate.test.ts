import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrate } from '../../../activities/adapters/postgres/migrate.ts';
import { runSql } from '../../support/servers/postgres.ts';
import { createTestDatabase, type TestDatabase } from '../../support/servers/test-database.ts';

/** Every migration that this version brings, in order. */
const MIGRATIONS = readdirSync(new URL('../../../activities/adapters/postgres/migrations/', import.meta.url))
  .map((file) => file.replace(/\.sql$/, ''))
  .sort();

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
  await runSql(database.url, 'drop schema sluice cascade');
});
afterEach(() => database.drop());

describe('migrating', () => {
  it('brings an empty database to the newest schema, and finds nothing to do after', async () => {
    const newest = MIGRATIONS.at(-1);
    expect(await migrate(database.url)).toEqual({ applied: MIGRATIONS, at: newest });
    expect(await migrate(database.url)).toEqual({ applied: [], at: newest });
  });

  it('by several at once happens once', async () => {
    const reports = await Promise.all([1, 2, 3].map(() => migrate(database.url)));
    expect(reports.flatMap(({ applied }) => applied)).toEqual(MIGRATIONS);
  });

  it('refuses a database that a newer version migrated, and leaves it alone', async () => {
    await migrate(database.url);
    await runSql(database.url, "insert into sluice.migrations (name, run_on) values ('9999_from_tomorrow', now())");
    await expect(migrate(database.url)).rejects.toMatchObject({ code: 'DATABASE_NEWER', exitCode: 5 });
  });

  it('says what PostgreSQL said when that refuses', async () => {
    const nowhere = database.url.replace(/[^/]+$/, 'no_such_database');
    await expect(migrate(nowhere)).rejects.toMatchObject({
      code: 'DATABASE_ERROR',
      message: expect.stringContaining('no_such_database') as string,
    });
  });
});
