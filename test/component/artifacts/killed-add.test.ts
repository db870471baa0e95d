import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runCli } from '../../support/registry/run-cli.ts';
import { openTestEngine, type TestEngine } from '../../support/registry/test-engine.ts';

const ENTRY = fileURLToPath(new URL('../../../client/cli/sluice.mjs', import.meta.url));
const BYTES = Buffer.alloc(256 * 1024, 'firmware ');
const SHA256 = createHash('sha256').update(BYTES).digest('hex');

let engine: TestEngine;
let server: Server;
let isWhole = false;

beforeAll(async () => {
  engine = await openTestEngine();
  server = createServer((_request, response) => {
    response.writeHead(200, { 'content-length': BYTES.length });
    if (isWhole) response.end(BYTES);
    // The rest never comes: whoever reads this is in the middle until it is killed.
    else response.write(BYTES.subarray(0, BYTES.length / 2));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await engine.close();
});

const files = () => readdirSync(join(engine.folder, 'artifacts'));
const label = ['--name', 'edge', '--version', '1.1.0', '--hardware', 'edge-a'];
const source = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/edge.bin`;

function startAdding(): ChildProcess {
  const argv = [ENTRY, '--data-dir', engine.folder, 'artifact', 'add', source(), ...label];
  return spawn(process.execPath, argv, {
    stdio: 'ignore',
    env: { ...process.env, SLUICE_DATABASE_URL: engine.databaseUrl },
  });
}

async function killedInTheMiddle(): Promise<void> {
  const child = startAdding();
  const ended = new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal)));
  const unfinished = () => files().find((name) => name.includes(`-${child.pid}-`)) ?? 'none yet';
  const written = () => statSync(join(engine.folder, 'artifacts', unfinished())).size;
  await vi.waitFor(() => expect(written()).toBeGreaterThan(0), { timeout: 60_000, interval: 20 });
  child.kill('SIGKILL');
  expect(await ended).toBe('SIGKILL');
}

describe('artifact add, killed in the middle', () => {
  it('leaves no file under a final name and nothing registered', async () => {
    await killedInTheMiddle();
    expect(files().every((name) => name.startsWith('.unfinished-'))).toBe(true);
    expect((await runCli(engine, 'artifact', 'list', '--output', 'json')).json()).toEqual({ artifacts: [] });
  });

  it('is made good by adding again, which also removes what was left', async () => {
    await killedInTheMiddle();
    isWhole = true;
    const added = await runCli(engine, 'artifact', 'add', source(), ...label, '--output', 'json');
    expect(added.json()).toMatchObject({ added: true, sha256: SHA256 });
    expect(files()).toEqual([SHA256]);
    expect((await runCli(engine, 'artifact', 'verify')).exitCode).toBe(0);
  });
});
