import { ApplicationFailure, setHandler } from '@temporalio/workflow';
import type { SignalDefinition, UpdateDefinition } from '@temporalio/common';
import type { ErrorReport } from '#domain/errors/failure.ts';
import { COMMAND_NAMES, type AnyCommand, type CommandName, type RunCommands } from '#domain/run/commands.ts';
import { gateNamed } from '#domain/run/gate-named.ts';
import { refusal } from '#domain/run/refusal.ts';
import type { RunView } from '#domain/run/run-view.ts';
import { now } from './clock.ts';
import type { Controls } from './controls.ts';
import type { RunRecord } from './run-record.ts';
import { runSignals, runState, runTimeline, runUpdates } from './run.messages.ts';

interface Answering {
  readonly record: RunRecord;
  readonly controls: Controls;
  /** Called when a person resumes. */
  readonly onResume: () => void;
}

/**
 * Registers every message of a run. All handlers are synchronous: they change state and answer; effects are the main
 * line's. Call it after all state is built, before the first await.
 */
export function answerMessages(run: Answering): void {
  setHandler(runState, () => run.record.view(), { description: 'What the run is doing, why, and what comes next' });
  setHandler(runTimeline, () => [...run.record.journal.entries], { description: 'Every event of the run so far' });
  for (const name of COMMAND_NAMES) answerCommand(name, run);
}

function answerCommand(name: CommandName, run: Answering): void {
  const take = (args: AnyCommand): RunView => {
    if (!run.record.seenCommands.has(keyOf(name, args))) {
      run.record.seenCommands.add(keyOf(name, args));
      apply(name, args, run);
      run.record.show();
    }
    return run.record.view();
  };
  setHandler(runUpdates[name] as UpdateDefinition<RunView, [AnyCommand]>, take, {
    validator: (args: AnyCommand) => refuseOrPass(name, args, run.record),
    description: `Command ${name}: answered with the run's state, or refused with the reason`,
  });
  setHandler(runSignals[name] as SignalDefinition<[AnyCommand]>, (args) => {
    const why = whyNot(name, args, run.record);
    if (why) noteRefusal(name, args, { record: run.record, why });
    else take(args);
  });
}

/** A command is repeated when name and id are: an id taken for another command is a caller's mistake. */
const keyOf = (name: CommandName, { commandId }: AnyCommand): string => `${name} ${commandId}`;

function whyNot(name: CommandName, args: AnyCommand, record: RunRecord): ErrorReport | null {
  return record.seenCommands.has(keyOf(name, args)) ? null : refusal(name, args, record.view());
}

function refuseOrPass(name: CommandName, args: AnyCommand, record: RunRecord): void {
  const why = whyNot(name, args, record);
  if (!why) return;
  throw ApplicationFailure.create({ type: why.code, message: why.message, nonRetryable: true, details: [why] });
}

/** A signal's sender hears nothing: a refusal is journaled instead. */
function noteRefusal(name: CommandName, args: AnyCommand, refused: { record: RunRecord; why: ErrorReport }): void {
  const { by, via, commandId } = args;
  const { message, code } = refused.why;
  const data = { command: name, by, via, commandId, code };
  refused.record.journal.record('command-refused', `${name} by ${by} refused: ${message}`, data);
}

function apply(name: CommandName, args: AnyCommand, run: Answering): void {
  const { by, via, reason, commandId } = args;
  const { record, controls } = run;
  if (name === 'decideGate') return decide(args as RunCommands['decideGate'], record);
  record.journal.record('command-accepted', `${name} by ${by}: ${reason}`, {
    command: name,
    by,
    via,
    reason,
    commandId,
  });
  switch (name) {
    case 'pauseRun':
      return controls.pause(by, reason);
    case 'resumeRun':
      run.onResume();
      return controls.resume();
    case 'cancelRun':
      return controls.stop({ why: 'cancel', by, reason });
    case 'rollBackRun':
      return controls.stop({ why: 'roll-back', by, reason });
    case 'overrideGate': {
      const gate = gateNamed((args as RunCommands['overrideGate']).gate, record.openGates);
      if (gate !== null) record.overrides.set(gate, { by, reason });
    }
  }
}

function decide(args: RunCommands['decideGate'], record: RunRecord): void {
  const waiting = record.waiting;
  if (!waiting) return;
  const { commandId, by, via, roles, verified, decision, digest } = args;
  const given = { commandId, by, via, roles, verified, decision, digest, comment: args.reason, at: now() };
  record.waiting = { ...waiting, decisions: [...waiting.decisions, given] };
  const word = decision === 'approve' ? 'approved' : 'rejected';
  record.journal.record('gate-decided', `${waiting.gate} ${word} by ${by}${verified ? '' : ' (unverified)'}`, {
    gate: waiting.gate,
    decision,
    by,
    via,
    verified,
    commandId,
    comment: args.reason,
  });
}
