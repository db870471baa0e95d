import type { RunInput, RunResult } from '#domain/run/run-input.ts';
import { carryOut } from '../deploy/begin-run.ts';
import { fleetTarget } from './fleet-target.ts';

/** Rolls one firmware out to a fleet as its plan says, and back when it goes bad. Returns the phase in which it closed. */
export function rollOutFleet(input: RunInput): Promise<RunResult> {
  return carryOut(input, { plans: 'fleet-rollout', target: fleetTarget });
}
