import { SluiceError, sluiceError } from '#domain/errors/failure.ts';
import { gateNamed } from '#domain/run/gate-named.ts';
import type { EngineDeps } from '../engine.ts';
import { listEvents } from './follow-events.ts';

interface AskedFor {
  readonly run: string;
  /** The gate meant; any when it is not said. */
  readonly gate: string | undefined;
}

/**
 * A run that waits for no decision (any more) says only that: who decided, and when, stands in its journal. Null when
 * `error` is another one, or when nobody decided.
 */
export async function alreadyDecided(
  deps: EngineDeps,
  error: unknown,
  { run, gate }: AskedFor,
): Promise<SluiceError | null> {
  if (!(error instanceof SluiceError) || error.code !== 'GATE_NOT_WAITING') return null;
  const isMeant = (id: string): boolean => gate === undefined || gateNamed(gate, [id]) !== null;
  const decided = (await listEvents(deps, run)).findLast(
    ({ type, data }) => type === 'gate-decided' && isMeant(String(data['gate'])),
  );
  if (!decided) return null;
  const { at, data } = decided;
  const decision = data['decision'] === 'approve' ? 'approved' : 'rejected';
  return sluiceError('GATE_ALREADY_DECIDED', { run, decision, by: String(data['by']), at });
}
