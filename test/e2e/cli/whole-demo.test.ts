// `npm run demo` without its set-up, as a script runs it: in a pipe, its exit code being the promise.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, realpathSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PORT_OPTIONS, type PortName } from '../../../client/engine/settings.ts';
import { killMarked, markedProcesses } from '../../support/servers/marked-processes.ts';
import { freePorts } from '../../support/servers/ports.ts';
import { makeTempFolder } from '../../support/servers/temp-folder.ts';
import { needsWholeStack } from '../../support/servers/whole-stack.ts';

needsWholeStack();

const ROOT = join(import.meta.dirname, '../../..');
const MARK = 'SLUICE_TEST_DEMO';
const folder = makeTempFolder('demo');
let taken: Server;

beforeAll(async () => {
  taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
});
afterAll(async () => {
  taken.close();
  await killMarked(MARK, folder.path);
  folder.remove();
});

/** What `npm run demo` runs when set-up is done. */
function demoCommand(): string {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: { demo: string } };
  return scripts.demo.split('&&').at(-1)?.trim() ?? '';
}

async function runDemo(env: Record<string, string>): Promise<{ code: number | null; said: string }> {
  const demo = spawn('sh', ['-c', `exec ${demoCommand()}`], {
    cwd: ROOT,
    // Where colour is wished for it still belongs to terminals only.
    env: { ...process.env, ...env, CI: 'true', FORCE_COLOR: '1', [MARK]: folder.path },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [demo.stdout, demo.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  }
  const [code] = (await once(demo, 'close')) as [number | null];
  // Lines are broken where a terminal's would be.
  return { code, said: said.replaceAll(/\s+/g, ' ') };
}

it('the demo ends with 0 when the ledger agrees, on a free port where one is in use, and leaves nothing behind', async () => {
  const { port } = taken.address() as { port: number };
  const names = Object.keys(PORT_OPTIONS) as PortName[];
  const ports = await freePorts(names.length);
  const env = Object.fromEntries(names.map((name, at) => [PORT_OPTIONS[name].variable, String(ports[at])]));
  const { code, said } = await runDemo({
    ...env,
    SLUICE_HTTP_PORT: String(port),
    SLUICE_DATA_DIR: join(realpathSync(folder.path), 'data'),
  });
  expect(code, said).toBe(0);
  expect(said).toMatch(new RegExp(`port ${port} is in use: the demo takes \\d+ \\(SLUICE_HTTP_PORT\\)`));
  expect(said).toMatch(/needs 1 approval[^]*approved by ada[^]*completed in [^]*failure rate [^]*rolled-back after/);
  expect(said).toMatch(
    /1\.1\.0 once on each of 200, once more on the \d+ taken back; 1\.2\.0 at most once on \d+; nobody left on it ✓ agrees/,
  );
  expect(markedProcesses(MARK, folder.path)).toEqual([]);
});
