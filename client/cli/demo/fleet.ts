import { mkdirSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { People } from '../../engine/environments/load-people.ts';
import { endOf, type CommandLine } from './command-line.ts';

export const DEVICES = 200;
const FIRMWARE_BYTES = 64 * 1024;
export const VERSIONS = { before: '1.0.0', good: '1.1.0', bad: '1.2.0' } as const;
const FAILING_PERCENT = 33;
const APPROVER = 'approver';

/** One demo's own devices, files and environment, so that a second demo on the same data starts fresh. */
export interface Stage {
  readonly name: string;
  readonly folder: string;
  readonly ledger: string;
}

/** A new name and folder below the data directory. */
export function openStage(dataDirectory: string): Stage {
  const name = `demo-${Date.now().toString(36)}`;
  const folder = join(dataDirectory, 'demo', name);
  mkdirSync(folder, { recursive: true });
  return { name, folder, ledger: join(folder, 'ledger.jsonl') };
}

/** Adds the three versions; their bytes depend on the version only, so adding them again is no change. */
export async function addFirmware(sluice: CommandLine, stage: Stage): Promise<{ sha256: string }> {
  const added = Object.values(VERSIONS).map((version) => {
    const file = join(stage.folder, `edge-${version}.bin`);
    writeFileSync(file, firmwareBytes(version));
    return sluice.json<{ sha256: string }>(
      ...['artifact', 'add', file, '--name', 'demo-edge', '--version', version, '--hardware', 'edge-a'],
    );
  });
  const [, good] = await Promise.all(added);
  return good ?? { sha256: '' };
}

function firmwareBytes(version: string): Buffer {
  const blocks: Buffer[] = [];
  for (let block = 0; block < FIRMWARE_BYTES / 32; block += 1) {
    blocks.push(createHash('sha256').update(`demo ${version} ${block}`).digest());
  }
  return Buffer.concat(blocks);
}

export interface DemoDevices {
  /** Resolves with the milliseconds that it took when all are connected. */
  readonly connected: Promise<number>;
  stop(): Promise<void>;
}

/** Starts the devices. */
export function startDevices(sluice: CommandLine, stage: Stage): DemoDevices {
  const args = [
    ...['device', 'simulate', '--count', String(DEVICES), '--prefix', stage.name, '--hardware', 'edge-a'],
    ...['--firmware', VERSIONS.before, '--ledger', stage.ledger, '--install-ms', '200', '--reboot-ms', '100'],
    ...['--fail-mode', 'boot-loop', '--fail-version', VERSIONS.bad, '--fail-percent', String(FAILING_PERCENT)],
    ...['--output', 'json'],
  ];
  let [said, errors] = ['', ''];
  const all = Promise.withResolvers<number>();
  const devices = sluice.start(args, (line) => {
    said = line;
    const event = readEvent(line);
    if (event?.event === 'connected') all.resolve(event.elapsedMs ?? 0);
  });
  devices.stderr?.setEncoding('utf8').on('data', (text: string) => (errors += text));
  devices.once('exit', (code) => all.reject(new Error(`the devices ended with ${code}: ${errors || said}`)));
  // Nobody may be waiting any more when they are stopped.
  all.promise.catch(() => undefined);
  return { connected: all.promise, stop: () => endOf(devices) };
}

function readEvent(line: string): { event?: string; elapsedMs?: number } | null {
  try {
    return JSON.parse(line) as { event?: string; elapsedMs?: number };
  } catch {
    return null;
  }
}

/**
 * The group of these devices and an environment of its own that wants one approval. `people` are those of the
 * installation: a section that is applied replaces the stored one, so they are said again beside ada.
 */
export async function applyEnvironment(sluice: CommandLine, stage: Stage, people: People): Promise<void> {
  const config = {
    environments: {
      [stage.name]: {
        name: 'Demo',
        stage: 'production',
        device_groups: [stage.name],
        approval_required: true,
        // Said here, so that the installation's own rules do not ask for more than the demo gives.
        approvals: { role: APPROVER, quorum: 1, before_waves: [] },
        auto_rollback: true,
      },
    },
    ...peopleSection(people),
  };
  const file = join(stage.folder, 'environment.json');
  writeFileSync(file, JSON.stringify(config, null, 2));
  await sluice.json('group', 'create', stage.name, '--filter', `device.thing.startsWith("${stage.name}-")`);
  await sluice.json('env', 'apply', '-f', file);
}

/**
 * What of the people has to be applied for ada to approve: nothing when she may already.
 * @internal a rule with tests of its own
 */
export function peopleSection(people: People): { people?: People } {
  const roles = people['ada']?.roles ?? [];
  if (roles.includes(APPROVER)) return {};
  return { people: { ...people, ada: { roles: [...roles, APPROVER] } } };
}
