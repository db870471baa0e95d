/** Which devices fail, decided by arithmetic alone, so that a test can name the victims before the fleet is switched on. */
import { createHash } from 'node:crypto';
import type { Fault, FaultMode } from './config.schema.ts';

/** The faults one firmware version brings out on one device. */
export type ActiveFaults = Readonly<Partial<Record<FaultMode, Fault>>>;

const NONE: ActiveFaults = {};

/** Where SHA-256 of `thing:mode` falls, from 0 up to, never reaching, 100. */
function faultPoint(thing: string, mode: FaultMode): number {
  const digest = createHash('sha256').update(`${thing}:${mode}`).digest();
  return (digest.readUInt32BE(0) / 2 ** 32) * 100;
}

/**
 * True when a fault of `percent` hits the device; who is hit by 10 % is also hit by 20 %.
 * @internal a rule with tests of its own
 */
export function isHit(thing: string, mode: FaultMode, percent: number): boolean {
  return faultPoint(thing, mode) < percent;
}

/** The faults that `version` brings out on `thing`; of two entries for one mode the first that hits counts. */
export function activeFaults(faults: readonly Fault[], thing: string, version: string): ActiveFaults {
  const active: Partial<Record<FaultMode, Fault>> = {};
  for (const fault of faults) {
    const applies = fault.version === '*' || fault.version === version;
    if (applies && isHit(thing, fault.mode, fault.percent)) active[fault.mode] ??= fault;
  }
  return Object.keys(active).length === 0 ? NONE : active;
}
