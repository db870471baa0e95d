// The set-up's later steps, of a clone and of an installed package: executables of every part, then the clone's stamp.
// --quiet: nothing when all is well · --skip-missing: what is missing is no failure · --lock: alone in the tool folder ·
// --dry-run: only says what would be installed · --json: one document instead of lines.
import { join } from 'node:path';
import { IS_BUILT, toolsFolder } from '../../client/engine/own-tree.ts';
import { linkCommands } from './command.step.ts';
import { acquireLock } from './lock.mjs';
import type { Missing, Outcome } from './outcome.ts';
import { preparePostgres } from './postgres.step.ts';
import { print } from './progress.mjs';
import { writeStamp } from './stamp.mjs';
import { lastLines } from './run-command.ts';
import { componentsOf, missingPackages, outcomeOf } from './system-components.ts';
import { findInstaller, installPackages } from './system-packages.ts';
import { bringTemporal, missingWheels, packagesForPython } from './temporal.step.ts';

const root = join(import.meta.dirname, '../..');
const isAsked = (flag: string): boolean => process.argv.includes(flag);
/** Tests without their component are skipped with the reason, so locally they need not wait for a whole machine. */
const missingIsAllowed = isAsked('--skip-missing') && process.env['CI'] !== 'true';

const components = componentsOf(process.platform);
if (isAsked('--lock') && !isAsked('--dry-run')) await acquireLock(toolsFolder());
process.exitCode = isAsked('--dry-run') ? await tellPlan() : conclude(await takeSteps());

async function takeSteps(): Promise<readonly Outcome[]> {
  const failure = await installSystemPackages();
  return [
    // npm links the commands of a package that it installs.
    ...(IS_BUILT ? [] : [linkCommands(root)]),
    await preparePostgres(),
    await bringTemporal(failure?.remedy ?? null),
    outcomeOf(components, failure),
  ];
}

function conclude(all: readonly Outcome[]): number {
  const missing = all.filter((outcome) => outcome.kind === 'missing');
  if (isAsked('--json')) writeDocument({ complete: missing.length === 0, missing });
  else for (const one of missing) report(one);
  if (missing.length > 0) return missingIsAllowed ? 0 : 1;
  if (!IS_BUILT) {
    const paths = all.flatMap((outcome) => (outcome.kind === 'present' ? outcome.paths : []));
    writeStamp(root, [process.execPath, ...paths]);
  }
  if (!isAsked('--quiet')) print('Everything that Sluice needs is in place.');
  return 0;
}

function report({ part, found, remedy }: Missing): void {
  const indented = found.split('\n').join('\n         ');
  process.stderr.write(`✗ SETUP_MISSING  not there: ${part}\n  found  ${indented}\n  try    ${remedy}\n`);
}

/** Result: why the installation failed, or null when it went well or nothing had to be installed. */
async function installSystemPackages(): Promise<Pick<Missing, 'found' | 'remedy'> | null> {
  const packages = await wantedPackages();
  if (packages.length === 0) return null;
  const installer = await findInstaller(packages);
  if (installer.kind === 'none')
    return { found: `no ${packages.join(', no ')} on this machine`, remedy: installer.remedy };
  const { code, output } = await installPackages(packages, installer);
  if (code === 0) return null;
  const remedy = `read apt's lines above; when it can work again: apt-get install ${packages.join(' ')}, then npx sluice setup`;
  return { found: lastLines(output), remedy };
}

async function wantedPackages(): Promise<string[]> {
  return [...missingPackages(components), ...(await packagesForPython())];
}

/** Says what the steps would install, and where. */
async function tellPlan(): Promise<number> {
  const packages = await wantedPackages();
  const wheels = missingWheels().map(({ distribution, version }) => `${distribution} ${version}`);
  const tools = toolsFolder();
  if (isAsked('--json')) writeDocument({ system_packages: packages, tools_directory: tools, tools: wheels });
  if (packages.length > 0) print(`apt-get would install: ${packages.join(', ')}`);
  if (wheels.length > 0) print(`pip would install into ${tools}: ${wheels.join(', ')}`);
  if (packages.length + wheels.length === 0) print('Nothing has to be installed.');
  return 0;
}

function writeDocument(document: object): void {
  process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
}
