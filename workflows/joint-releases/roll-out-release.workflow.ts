import type { RunInput, RunResult } from '#domain/run/run-input.ts';
import { carryOut } from '../deploy/begin-run.ts';
import { jointTarget } from './joint-target.ts';

/** Brings several applications out in their order with one verdict: all of them, or none. Returns the phase in which it closed. */
export function rollOutRelease(input: RunInput): Promise<RunResult> {
  return carryOut(input, { plans: 'joint-release', target: jointTarget });
}
