import type { GateStep } from '../plan/steps.ts';
import type { RunRef } from './fleet.port.ts';

export interface EvaluateGateInput extends RunRef {
  readonly step: GateStep;
}

/**
 * `not_evaluated`: there is nothing to run. `inconclusive`: it could not be found out, which is no failure.
 * `evidence` is the id of the stored evidence, null when there is nothing to keep.
 */
export interface GateOutcome {
  readonly kind: 'passed' | 'failed' | 'not_evaluated' | 'inconclusive';
  readonly summary: string;
  readonly evidence: string | null;
}

/** Implemented by `activities/gates`; queue `telemetry`. */
export interface GateActivities {
  /** Runs the gate's check. Bad is a value (`failed`); an exception means that it could not be found out. */
  evaluateGate(input: EvaluateGateInput): Promise<GateOutcome>;
}
