import type { RunInput, RunResult } from '#domain/run/run-input.ts';
import { carryOut } from '../deploy/begin-run.ts';
import { releaseTarget } from './release-target.ts';

/** Brings one version of an application into use as its plan says, and takes it back when it goes bad. Returns the phase in which it closed. */
export function deployApplication(input: RunInput): Promise<RunResult> {
  return carryOut(input, { plans: 'container-release', target: releaseTarget });
}
