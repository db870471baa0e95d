// Where one Docker Engine of a test lives (folders, bridge, subnet), and the removal of all that it leaves on the machine.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRunning, ownIdentity, type ProcessIdentity } from '../../../client/engine/stack/process-identity.ts';
import { endProcessesOf } from './docker-processes.ts';

/** One file for each place in use, named after its subnet's number: made exclusively, so two tests never share one. */
const CLAIMS = join(tmpdir(), 'sluice-test-engines');
const SUBNETS = 250;

export interface DockerPlace {
  /** Everything of this engine is below it. */
  readonly folder: string;
  readonly keepsFolder: boolean;
  readonly bridge: string;
  /** Address of the bridge with its prefix, as 172.31.7.1/24. */
  readonly address: string;
  readonly owner: ProcessIdentity;
}

/** A place of one's own with its bridge set up. Clears what engines of dead tests left first. Needs root. */
export function claimPlace(folder: string | undefined): DockerPlace {
  mkdirSync(CLAIMS, { recursive: true });
  sweepLeftovers();
  const home = {
    folder: folder ?? mkdtempSync(join(tmpdir(), 'sluice-docker-')),
    keepsFolder: folder !== undefined,
    owner: ownIdentity(),
  };
  mkdirSync(home.folder, { recursive: true });
  const taken = run('ip', ['-o', '-4', 'addr']);
  for (let number = 1; number <= SUBNETS; number += 1) {
    const prefix = `172.31.${number}.`;
    if (taken.includes(` ${prefix}`)) continue;
    const place = { ...home, bridge: `sluice-t${number}`, address: `${prefix}1/24` };
    if (!createFile(claimOf(place), place)) continue;
    addBridge(place);
    return place;
  }
  throw new Error(`no free subnet among 172.31.1.0/24 to 172.31.${SUBNETS}.0/24`);
}

/** Ends and removes everything of this place: processes, mounts, control groups, bridge, folder, claim. For an exit handler too: it does not wait. */
export function clearPlace(place: DockerPlace): void {
  endProcessesOf(place.folder);
  for (const mount of mountsBelow(place.folder)) attempt('umount', ['-l', mount]);
  removeControlGroups(place.folder);
  attempt('ip', ['link', 'delete', place.bridge]);
  rmSync(join(place.folder, 'exec'), { recursive: true, force: true });
  if (!place.keepsFolder) rmSync(place.folder, { recursive: true, force: true, maxRetries: 3 });
  rmSync(claimOf(place), { force: true });
}

/** What engines left whose tests were killed before they could clear up. */
function sweepLeftovers(): void {
  for (const name of readdirSync(CLAIMS).filter((entry) => entry.endsWith('.json'))) {
    const claim = join(CLAIMS, name);
    if (!isLeftover(claim)) continue;
    // One alone: a second that is late would remove what the place's next owner has set up.
    whileLocked(`${claim}.lock`, () => {
      const place = readClaim(claim);
      if (place !== null && isLeftover(claim)) clearPlace(place);
    });
  }
}

function isLeftover(claim: string): boolean {
  const place = readClaim(claim);
  return place !== null && !isRunning(place.owner);
}

/** Does nothing when another has the lock; one whose owner is dead is removed for the next. */
function whileLocked(lock: string, act: () => void): void {
  if (!createFile(lock, ownIdentity())) {
    const owner = readJson(lock) as ProcessIdentity | null;
    if (owner !== null && !isRunning(owner)) rmSync(lock, { force: true });
    return;
  }
  try {
    act();
  } finally {
    rmSync(lock, { force: true });
  }
}

const claimOf = ({ bridge }: DockerPlace): string => join(CLAIMS, `${bridge}.json`);

const readClaim = (claim: string): DockerPlace | null => readJson(claim) as DockerPlace | null;

/** False when it is there already. */
function createFile(file: string, content: object): boolean {
  try {
    writeFileSync(file, JSON.stringify(content), { flag: 'wx' });
    return true;
  } catch {
    return false;
  }
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // Removed meanwhile, or not yet written to its end.
    return null;
  }
}

function addBridge({ bridge, address }: DockerPlace): void {
  attempt('ip', ['link', 'delete', bridge]);
  run('ip', ['link', 'add', 'name', bridge, 'type', 'bridge']);
  run('ip', ['addr', 'add', address, 'dev', bridge]);
  run('ip', ['link', 'set', bridge, 'up']);
}

/** Innermost first. */
function mountsBelow(folder: string): string[] {
  return readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${folder}/`))
    .toReversed();
}

/** A container whose runtime was killed with it leaves its control groups behind. */
function removeControlGroups(folder: string): void {
  const root = '/sys/fs/cgroup';
  const containers = entriesOf(join(folder, 'data', 'containers'));
  for (const parent of [root, ...entriesOf(root).map((controller) => join(root, controller))]) {
    for (const container of containers) attempt('rmdir', [join(parent, 'docker', container)]);
  }
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

const run = (file: string, args: readonly string[]): string =>
  execFileSync(file, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

function attempt(file: string, args: readonly string[]): void {
  try {
    run(file, args);
  } catch {
    // Not there, which is what was wanted.
  }
}
