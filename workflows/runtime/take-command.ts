import { approvalOf } from '#domain/approvals/approval.ts';
import {
  COMMAND_WORDS,
  type AnyCommand,
  type CommandName,
  type GateDecision,
  type GateOverride,
  type StartNow,
} from '#domain/run/commands.ts';
import { openGateNamed } from '#domain/run/gate-named.ts';
import { waitOf } from '#domain/run/run-state.ts';
import { now } from './clock.ts';
import type { Controls } from './controls.ts';
import { noteFreezePassed } from './note-freeze-passed.ts';
import type { RunRecord } from './run-record.ts';

/** A run that takes commands. */
export interface Commanded {
  readonly record: RunRecord;
  readonly controls: Controls;
  /** Called when a person resumes, before the run goes on. */
  readonly onResume: (by: string) => void;
}

/** Does what a command says that was found in order, and records who gave it. */
export function takeCommand(name: CommandName, args: AnyCommand, run: Commanded): void {
  const { record, controls } = run;
  const { by, reason } = args;
  switch (name) {
    case 'decideGate':
      return decide(args as GateDecision, record);
    case 'overrideGate':
      return override(args as GateOverride, record);
    case 'pauseRun':
      noteTaken(name, args, record);
      return controls.pause(by, reason);
    case 'resumeRun':
      noteTaken(name, args, record);
      run.onResume(by);
      return controls.resume();
    case 'startRunNow':
      noteTaken(name, args, record);
      return startNow(args as StartNow, record);
    case 'cancelRun':
      noteTaken(name, args, record);
      return controls.stop({ why: 'cancel', by, reason });
    case 'rollBackRun':
      noteTaken(name, args, record);
      return controls.stop({ why: 'roll-back', by, reason, via: args.via });
  }
}

function noteTaken(command: CommandName, args: AnyCommand, record: RunRecord): void {
  const { by, via, verified, reason, commandId } = args;
  const data = { command, by, via, verified, reason, commandId };
  record.journal.record('command-accepted', `${COMMAND_WORDS[command]} by ${person(args)}: ${reason}`, data);
}

function decide(args: GateDecision, record: RunRecord): void {
  const waiting = record.waiting;
  if (!waiting) return;
  const { commandId, by, via, roles, verified, decision, digest, reason: comment } = args;
  const given = { commandId, by, via, roles, verified, decision, digest, comment, at: now() };
  record.waiting = { ...waiting, decisions: [...waiting.decisions, given] };
  const { gate, opens } = waiting;
  const word = decision === 'approve' ? 'approved' : 'rejected';
  const data = { gate, decision, by, via, verified, commandId, comment };
  record.journal.record('gate-decided', `${approvalOf(opens)}: ${word} by ${person(args)}`, data);
}

function override(args: GateOverride, record: RunRecord): void {
  const gate = openGateNamed(args.gate, record.openGates)?.id;
  if (gate === undefined) return;
  const { by, via, verified, reason, commandId } = args;
  record.overrides.set(gate, { by, reason });
  const data = { gate, by, via, verified, reason, commandId };
  record.journal.record('gate-overridden', `${gate} overridden by ${person(args)}: ${reason}`, data);
}

/** A run that waits for its turn in a freeze waits for no window: only the freeze is set aside. */
function startNow({ by, via, verified, reason, freeze }: StartNow, record: RunRecord): void {
  const wait = waitOf(record.state);
  if (wait !== null) record.opening.startNow({ by, reason, until: wait.opensAt });
  if (freeze === undefined) return;
  record.freezePassed = freeze;
  noteFreezePassed(record.journal, freeze, { by, via, verified, reason });
}

const person = ({ by, verified }: AnyCommand): string => `${by}${verified ? '' : ' (unverified)'}`;
