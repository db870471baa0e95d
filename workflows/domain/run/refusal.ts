import { refuseDecision } from '../approvals/refuse-decision.ts';
import { assertNever } from '../assert-never.ts';
import { errorReport, type ErrorReport } from '../errors/failure.ts';
import type { AnyCommand, CommandName, GateDecision, GateOverride } from './commands.ts';
import { isClosed } from './run-state.ts';
import type { RunView } from './run-view.ts';

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
    case 'cancelRun':
    case 'rollBackRun':
      return null;
    default:
      return assertNever(command);
  }
}

function refuseGateDecision(args: GateDecision, view: RunView): ErrorReport | null {
  const { run, waiting } = view;
  if (view.interrupt || !waiting || (args.gate !== null && args.gate !== waiting.gate)) {
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

function refuseOverride(args: GateOverride, view: RunView): ErrorReport | null {
  if (args.reason.trim() === '') return errorReport('REASON_REQUIRED', { command: 'overrideGate' });
  if (view.openGates.includes(args.gate)) return null;
  return errorReport('GATE_UNKNOWN', { run: view.run, gate: args.gate, known: view.openGates.join(', ') || 'none' });
}

function describeInterrupt(view: RunView): string {
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
