import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSettings } from '../../../client/engine/settings.ts';
import type { EmbeddedPart } from '../../../workers/stack/part.ts';
import { postgresPart } from '../../../workers/stack/parts/postgres.part.ts';
import { startPostgres } from '../../support/servers/postgres.ts';
import { makeTempFolder, type TempFolder } from '../../support/servers/temp-folder.ts';

let folder: TempFolder;
beforeEach(() => void (folder = makeTempFolder('lock')));
afterEach(() => folder.remove());

describe("PostgreSQL's lock file", () => {
  it('is removed when its pid is somebody else by now, and left alone while the server runs', async () => {
    const part = postgresPart(readSettings({}, { dataDirectory: folder.path }), {}) as EmbeddedPart;
    const cluster = join(folder.path, 'postgres');
    const lock = join(cluster, 'postmaster.pid');
    const server = await startPostgres({ folder: cluster, durable: false });
    const held = readFileSync(lock, 'utf8');
    await part.prepare();
    expect(readFileSync(lock, 'utf8')).toBe(held);
    await server.stop();
    writeFileSync(lock, held.replace(/^\d+/, String(process.pid)));
    await part.prepare();
    expect(existsSync(lock)).toBe(false);
  });
});
