import { readEvidence, type StoredEvidence } from '../../../activities/adapters/postgres/evidence.ts';
import {
  INSTALL_STATES,
  readRunDevices,
  WAY_BACK_STATES,
  type InstallState,
  type RunDevice,
  type WayBackState,
} from '../../../activities/adapters/postgres/run-devices.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import type { EngineDeps } from '../engine.ts';
import { patientRead } from '../patient-read.ts';
import { findRun } from './find-run.ts';

export type DeviceState = InstallState | WayBackState;

/** All bad ends: what counts as failed everywhere else. */
export const FAILED_STATES: readonly InstallState[] = ['failed', 'timed-out', 'rejected'];

const STATES: readonly DeviceState[] = [...INSTALL_STATES, ...WAY_BACK_STATES];

export interface RunDevices {
  readonly run: string;
  readonly devices: readonly RunDevice[];
  /** False when there are more than were asked for. */
  readonly complete: boolean;
}

/** The devices of a run, those in `states` only if any are named. Throws RUN_NOT_FOUND, USAGE for a state that does not exist. */
export async function listRunDevices(
  deps: EngineDeps,
  text: string,
  { states, limit }: { readonly states: readonly string[]; readonly limit: number },
): Promise<RunDevices> {
  const known = states
    .map(stateNamed)
    .flatMap((state): readonly DeviceState[] => (state === 'failed' ? FAILED_STATES : [state]));
  const { run } = await findRun(deps, text);
  const devices = await patientRead(deps, (pool) => readRunDevices(pool, run, { states: known, limit: limit + 1 }));
  return { run, devices: devices.slice(0, limit), complete: devices.length <= limit };
}

function stateNamed(text: string): DeviceState {
  const state = STATES.find((one) => one === text);
  if (state !== undefined) return state;
  const why = `no device of a run is ever ${text}`;
  throw sluiceError('USAGE', { why }, { where: '--state', found: text, hint: STATES.join(', ') });
}

/** What was kept of everything that went wrong in a run, oldest first. Throws RUN_NOT_FOUND. */
export async function listRunEvidence(
  deps: EngineDeps,
  text: string,
): Promise<{ readonly run: string; readonly evidence: readonly StoredEvidence[] }> {
  const { run } = await findRun(deps, text);
  return { run, evidence: await patientRead(deps, (pool) => readEvidence(pool, run)) };
}
