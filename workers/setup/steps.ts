// The set-up's later steps, on the project's own Node: executables of every part, then the stamp.
import { join } from 'node:path';
import { linkCommand } from './command.step.ts';
import { findMosquitto } from './locate.ts';
import { type Missing, type Outcome, present } from './outcome.ts';
import { preparePostgres } from './postgres.step.ts';
import { print } from './progress.mjs';
import { writeStamp } from './stamp.mjs';
import { lastLines } from './run-command.ts';
import { findInstaller, installPackages } from './system-packages.ts';
import { bringTemporal, packagesForPython } from './temporal.step.ts';

const root = join(import.meta.dirname, '../..');
const quiet = process.argv.includes('--quiet');
/** Tests without their component are skipped with the reason, so locally they need not wait for a whole machine. */
const missingIsAllowed = process.argv.includes('--skip-missing') && process.env['CI'] !== 'true';

const installationFailure = await installSystemPackages();
const outcomes: Outcome[] = [
  linkCommand(root),
  await preparePostgres(root),
  await bringTemporal(root, installationFailure?.remedy ?? null),
  mosquittoOutcome(installationFailure),
];
process.exitCode = conclude(outcomes);

function conclude(all: readonly Outcome[]): number {
  const missing = all.filter((outcome) => outcome.kind === 'missing');
  if (missing.length === 0) {
    writeStamp(root, [
      process.execPath,
      ...all.flatMap((outcome) => (outcome.kind === 'present' ? outcome.paths : [])),
    ]);
    if (!quiet) print('Everything that Sluice needs is in place.');
    return 0;
  }
  for (const one of missing) report(one);
  return missingIsAllowed ? 0 : 1;
}

function report({ part, found, remedy }: Missing): void {
  const indented = found.split('\n').join('\n         ');
  process.stderr.write(`✗ SETUP_MISSING  ${part} is not there\n  found  ${indented}\n  try    ${remedy}\n`);
}

/** Result: why the installation failed, or null when it went well or nothing had to be installed. */
async function installSystemPackages(): Promise<Pick<Missing, 'found' | 'remedy'> | null> {
  const packages = [...(findMosquitto() === null ? ['mosquitto'] : []), ...(await packagesForPython(root))];
  if (packages.length === 0) return null;
  const installer = await findInstaller(packages);
  if (installer.kind === 'none')
    return { found: `no ${packages.join(', no ')} on this machine`, remedy: installer.remedy };
  const { code, output } = await installPackages(packages, installer);
  if (code === 0) return null;
  const remedy = `read apt's lines above; when it can work again: apt-get install ${packages.join(' ')}, then npm run setup`;
  return { found: lastLines(output), remedy };
}

function mosquittoOutcome(failure: Pick<Missing, 'found' | 'remedy'> | null): Outcome {
  const path = findMosquitto();
  if (path !== null) return present(path);
  return { kind: 'missing', part: 'mosquitto, the MQTT broker', found: 'not on this machine', remedy: '', ...failure };
}
