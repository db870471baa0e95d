import { gateOfRule } from '../policy/policy-rule.ts';
import type { OpenGate } from './run-view.ts';

/** The step id among `gates` that a person means by its id (`gate-security_scan`) or by the gate's or the rule's name; null for none. */
export function gateNamed(given: string, gates: readonly string[]): string | null {
  const candidates = [given, `gate-${given}`, `gate-post-${given}`, `gate-staged-${given}`, gateOfRule(given)];
  return gates.find((id) => candidates.includes(id)) ?? null;
}

/** The same among the gates that a run has not passed yet. */
export function openGateNamed(given: string, gates: readonly OpenGate[]): OpenGate | null {
  const id = gateNamed(
    given,
    gates.map((gate) => gate.id),
  );
  return gates.find((gate) => gate.id === id) ?? null;
}
