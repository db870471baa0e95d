// `sluice up` of the bench: everything embedded, on free ports and in a folder of its own.
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createEngineDeps } from '../../../../client/engine/deps.ts';
import type { EngineDeps } from '../../../../client/engine/engine.ts';
import { PORT_OPTIONS, readSettings, type PortName } from '../../../../client/engine/settings.ts';
import { readHealth } from '../../../../client/engine/stack/health-file.ts';
import { eventually } from '../../../support/eventually.ts';
import { freePorts } from '../../../support/servers/ports.ts';
import { makeTempFolder } from '../../../support/servers/temp-folder.ts';
import type { Retries } from '../bare/proxy-configuration.ts';

const LAUNCHER = fileURLToPath(new URL('../../../../client/cli/sluice.mjs', import.meta.url));

const SETPRIV = '/usr/bin/setpriv';
const READY_WITHIN_MS = 120_000;

export interface BenchStack {
  readonly deps: EngineDeps;
  close(): Promise<void>;
}

/** Ready for runs when this returns; its router tries requests again or not, as `retries` says. */
export async function openBenchStack(retries: Retries): Promise<BenchStack> {
  const folder = makeTempFolder('bench-stack');
  const names = Object.keys(PORT_OPTIONS) as PortName[];
  const ports = await freePorts(names.length);
  const dataDirectory = join(realpathSync(folder.path), 'data');
  const env = {
    ...Object.fromEntries(names.map((name, at) => [PORT_OPTIONS[name].variable, String(ports[at])])),
    SLUICE_DATA_DIR: dataDirectory,
    SLUICE_HAPROXY_RETRIES: retries === 'on' ? '3' : '0',
  };
  const up = startUp({ ...process.env, ...env });
  const deps = createEngineDeps(readSettings(env));
  const close = async () => {
    await deps.close();
    await stop(up);
    folder.remove();
  };
  try {
    await eventually(() => expectWell(up, dataDirectory), READY_WITHIN_MS);
    return { deps, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** When the bench dies, the kernel tells it to end in good order. */
function startUp(env: NodeJS.ProcessEnv): ChildProcess {
  const command = [process.execPath, LAUNCHER, 'up'];
  const [file = '', ...args] = existsSync(SETPRIV) ? [SETPRIV, '--pdeathsig=TERM', ...command] : command;
  return spawn(file, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
}

function expectWell(up: ChildProcess, dataDirectory: string): void {
  const problem = up.exitCode === null ? readHealth(dataDirectory, 'worker')?.problem : 'sluice up has ended';
  if (problem !== null) throw new Error(problem ?? 'the worker is not there yet');
}

/** In good order, with all its parts. */
async function stop(up: ChildProcess): Promise<void> {
  if (up.exitCode !== null) return;
  const gone = new Promise((resolve) => up.once('exit', resolve));
  up.kill('SIGINT');
  await gone;
}
