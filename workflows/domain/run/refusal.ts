import { refuseDecision, refusePerson } from '../approvals/refuse-decision.ts';
import { assertNever } from '../assert-never.ts';
import { errorReport, type ErrorReport } from '../errors/failure.ts';
import type { AnyCommand, CommandName, GateDecision, GateOverride, StartNow } from './commands.ts';
import { gateNamed, openGateNamed } from './gate-named.ts';
import { refuseStartNow } from './refuse-start-now.ts';
import { isClosed } from './run-state.ts';
import type { OpenGate, RunView } from './run-view.ts';

/** Why `command` cannot be taken now, or null when it can. Pure: updates, signals and dry runs ask the same function. */
export function refusal(command: CommandName, args: AnyCommand, view: RunView): ErrorReport | null {
  const { run, state } = view;
  if (isClosed(state.phase)) return errorReport('RUN_ALREADY_CLOSED', { run, phase: state.phase });
  if (command === 'decideGate') return refuseGateDecision(args as GateDecision, view);
  if (state.phase === 'rolling-back') {
    return errorReport('RUN_STOPPING', { run, command, why: `rolling back (${state.reason})` });
  }
  if (view.interrupt) return errorReport('RUN_STOPPING', { run, command, why: describeInterrupt(view) });
  switch (command) {
    case 'pauseRun':
      return state.phase === 'paused' || view.pausing ? errorReport('RUN_ALREADY_PAUSED', { run }) : null;
    case 'resumeRun':
      return state.phase === 'paused' || view.pausing
        ? null
        : errorReport('RUN_NOT_PAUSED', { run, phase: state.phase });
    case 'overrideGate':
      return refuseOverride(args as GateOverride, view);
    case 'startRunNow':
      return refuseStartNow(args as StartNow, view);
    case 'cancelRun':
    case 'rollBackRun':
      return null;
    default:
      return assertNever(command);
  }
}

function refuseGateDecision(args: GateDecision, view: RunView): ErrorReport | null {
  const { run, waiting } = view;
  const isMeant = !!waiting && (args.gate === null || gateNamed(args.gate, [waiting.gate]) !== null);
  if (view.interrupt || !waiting || !isMeant) {
    const state = view.interrupt ? describeInterrupt(view) : waiting ? `${waiting.gate} is` : 'none is';
    return errorReport('GATE_NOT_WAITING', { run, gate: args.gate ?? '(any)', waiting: state });
  }
  return refuseDecision(args, {
    run,
    digest: view.digest,
    author: view.author,
    policy: waiting.policy,
    decided: waiting.decisions,
  });
}

/** An override is one person's word in the place of a check: as serious as an approval, and never in the place of people. */
function refuseOverride(args: GateOverride, view: RunView): ErrorReport | null {
  const { run, openGates, author, approverRole: role } = view;
  if (args.reason.trim() === '') return errorReport('REASON_REQUIRED', { command: 'overrideGate' });
  if (view.waiting && gateNamed(args.gate, [view.waiting.gate]) !== null) {
    return errorReport('GATE_ASKS_PEOPLE', { run, gate: args.gate });
  }
  const meant = openGateNamed(args.gate, openGates);
  if (!meant) return errorReport('GATE_UNKNOWN', { run, gate: args.gate, known: overridable(openGates) });
  if (meant.settledBy === 'people') return errorReport('GATE_ASKS_PEOPLE', { run, gate: args.gate });
  if (meant.settledBy === 'built-in') return errorReport('GATE_BUILT_IN', { gate: args.gate });
  return refusePerson(args, { author, role });
}

const overridable = (gates: readonly OpenGate[]): string =>
  gates.flatMap(({ id, settledBy }) => (settledBy === 'check' ? [id] : [])).join(', ') || 'none';

/** Why a run goes no further, in words. */
export function describeInterrupt(view: Pick<RunView, 'interrupt'>): string {
  const interrupt = view.interrupt;
  if (!interrupt) return 'nothing stops it';
  switch (interrupt.why) {
    case 'breach':
      return `breach: ${interrupt.summary}`;
    case 'unanswered':
      return `nobody answered: ${interrupt.summary}`;
    case 'roll-back':
      return `roll back asked by ${interrupt.by}`;
    case 'cancel':
      return `cancel asked by ${interrupt.by}`;
    default:
      return assertNever(interrupt);
  }
}
