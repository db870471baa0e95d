import { tally } from '#domain/approvals/approval.ts';
import { inWords } from '#domain/counted.ts';
import { SluiceError, sluiceError } from '#domain/errors/failure.ts';
import { gateNamed } from '#domain/run/gate-named.ts';
import type { RunView } from '#domain/run/run-view.ts';
import type { EngineDeps } from '../engine.ts';
import { listEvents } from './follow-events.ts';

interface AskedFor {
  readonly run: string;
  /** The gate meant; any when it is not said. */
  readonly gate: string | undefined;
}

const isMeant = (gate: string | undefined, id: string): boolean => gate === undefined || gateNamed(gate, [id]) !== null;

/** Throws GATE_ALREADY_DECIDED for a gate that has its decisions and that only a pause still holds shut. */
export function refuseSettled(view: RunView | null, { run, gate }: AskedFor): void {
  const waiting = view?.waiting;
  if (!waiting || !isMeant(gate, waiting.gate)) return;
  const state = tally(waiting.policy, waiting.decisions);
  const last = waiting.decisions.at(-1);
  if (state.kind === 'waiting' || last === undefined) return;
  throw decidedError(run, last.decision, { by: inWords([state.by].flat()), at: last.at });
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
  const decided = (await listEvents(deps, run)).findLast(
    ({ type, data }) => type === 'gate-decided' && isMeant(gate, String(data['gate'])),
  );
  if (!decided) return null;
  const { at, data } = decided;
  return decidedError(run, data['decision'], { by: String(data['by']), at });
}

const decidedError = (run: string, decision: unknown, { by, at }: { by: string; at: string }): SluiceError =>
  sluiceError('GATE_ALREADY_DECIDED', { run, decision: decision === 'approve' ? 'approved' : 'rejected', by, at });
