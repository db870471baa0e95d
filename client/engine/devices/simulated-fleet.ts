import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { sluiceError } from '#domain/errors/failure.ts';
import type { Device } from '#domain/fleet/device.ts';
import { findDevices } from '../../../activities/adapters/postgres/devices.ts';
import { ensureTrustedKeyPem } from '../../../activities/adapters/signing/firmware-signer.ts';
import type { EngineDeps } from '../engine.ts';
import { credentialsFor, type DeviceCredentials } from './device-credentials.ts';
import { EVERY_DEVICE, selectDevices } from './list-devices.ts';
import { deviceOfObject } from './parse-row.ts';
import { registerDevices } from './register-devices.ts';

/** Which devices are simulated. */
export type SimulatedSelection =
  | { readonly kind: 'group'; readonly group: string }
  | {
      readonly kind: 'count';
      readonly count: number;
      readonly prefix: string;
      /** What those get that are not registered yet. */
      readonly hardware: string;
      readonly firmware: string;
      readonly tags: Readonly<Record<string, string>>;
    };

/** How some of them fail. */
export interface SimulatedFault {
  readonly mode: string;
  /** `*` is any version. */
  readonly version: string;
  readonly percent: number;
}

export interface SimulationInput {
  readonly selection: SimulatedSelection;
  /** null: `simulator/ledger.jsonl` of the data directory. */
  readonly ledgerFile: string | null;
  readonly faults: readonly SimulatedFault[];
  readonly timings: Readonly<Record<string, number>>;
}

/** What the simulator's program is told; its own schema checks it. */
export interface SimulatorConfiguration {
  readonly mqttUrl: string;
  readonly publicKeyPem: string;
  readonly ledgerPath: string;
  readonly devices: readonly (DeviceCredentials & { hardware: string; firmware: string })[];
  readonly faults: readonly SimulatedFault[];
  readonly timings: Readonly<Record<string, number>>;
}

/**
 * Registers the devices that are missing and hands each what it gets at provisioning: its password and the key that
 * firmware is signed with. Throws GROUP_UNKNOWN, DEVICE_INVALID, and DEVICE_UNKNOWN for a group without devices.
 */
export async function prepareSimulation(deps: EngineDeps, input: SimulationInput): Promise<SimulatorConfiguration> {
  const dataDirectory = await deps.dataDirectory();
  const devices = await selected(deps, input.selection);
  const ledgerPath = resolve(input.ledgerFile ?? join(dataDirectory, 'simulator', 'ledger.jsonl'));
  mkdirSync(dirname(ledgerPath), { recursive: true });
  const credentialsOf = await credentialsFor(deps);
  return {
    mqttUrl: deps.settings.mqttUrl,
    publicKeyPem: ensureTrustedKeyPem(dataDirectory),
    ledgerPath,
    devices: devices.map(({ thing, hardware, firmware }) => ({ ...credentialsOf(thing), hardware, firmware })),
    faults: input.faults,
    timings: input.timings,
  };
}

async function selected(deps: EngineDeps, selection: SimulatedSelection): Promise<Device[]> {
  if (selection.kind === 'count') return registered(deps, selection);
  const devices: Device[] = [];
  for await (const page of selectDevices(deps, { ...EVERY_DEVICE, group: selection.group })) devices.push(...page);
  if (devices.length > 0) return devices;
  throw sluiceError('DEVICE_UNKNOWN', { thing: `of group ${selection.group}` }, { where: '--group' });
}

/** The devices of a count; those that are registered already stay as they are. */
async function registered(deps: EngineDeps, wish: SimulatedSelection & { kind: 'count' }): Promise<Device[]> {
  const pool = await deps.database();
  const names = simulatedNames(wish.prefix, wish.count);
  const known = new Set((await findDevices(pool, names)).map(({ thing }) => String(thing)));
  const { hardware, firmware, tags } = wish;
  const missing = names
    .filter((thing) => !known.has(thing))
    .map((thing) => {
      const row = deviceOfObject({ thing, hardware, firmware, tags }, 0);
      if (row.kind === 'device') return row.device;
      const { where, expected, got } = row.row;
      throw sluiceError('DEVICE_INVALID', { thing, why: `${where}: expected ${expected}` }, { where, found: got });
    });
  await registerDevices(deps, missing);
  return findDevices(pool, names);
}

const LEAST_DIGITS = 4;

/** `sim-0001`, `sim-0002` …; the names of fewer devices are among those of more, up to 9,999. */
function simulatedNames(prefix: string, count: number): string[] {
  const digits = Math.max(LEAST_DIGITS, String(count).length);
  return Array.from({ length: count }, (_, at) => `${prefix}-${String(at + 1).padStart(digits, '0')}`);
}
