import { ApplicationFailure, setHandler } from '@temporalio/workflow';
import { defaultPayloadConverter, type RawValue, type UpdateDefinition } from '@temporalio/common';
import type { ErrorReport } from '#domain/errors/failure.ts';
import { misshapen } from '#domain/run/command-shape.ts';
import { COMMAND_NAMES, type AnyCommand, type CommandName } from '#domain/run/commands.ts';
import { refusal } from '#domain/run/refusal.ts';
import type { RunView } from '#domain/run/run-view.ts';
import { RefusedSignals } from './refused-signals.ts';
import type { RunRecord } from './run-record.ts';
import { policyChanged, receivedSignals, runState, runTimeline, runUpdates } from './run.messages.ts';
import { takeCommand, type Commanded } from './take-command.ts';

/**
 * Registers every message of a run. All handlers are synchronous: they change state and answer; effects are the main
 * line's. Call it after all state is built, before the first await.
 */
export function answerMessages(run: Commanded): void {
  const refused = new RefusedSignals(run.record.journal);
  setHandler(runState, () => run.record.view(), { description: 'What the run is doing, why, and what comes next' });
  setHandler(runTimeline, () => [...run.record.journal.entries], { description: 'Every event of the run so far' });
  setHandler(policyChanged, () => run.record.askPolicy(), { description: 'The environment has policy rules now' });
  for (const name of COMMAND_NAMES) answerCommand(name, run, refused);
}

function answerCommand(name: CommandName, run: Commanded, refused: RefusedSignals): void {
  const take = (args: AnyCommand): RunView => {
    if (!run.record.takenCommands.has(name, args.commandId)) {
      run.record.takenCommands.add(name, args.commandId);
      takeCommand(name, args, run);
      run.record.show();
    }
    return run.record.view();
  };
  setHandler(runUpdates[name] as UpdateDefinition<RunView, [AnyCommand]>, take, {
    validator: (args: AnyCommand) => refuseOrPass(name, args, run.record),
    description: `Command ${name}: answered with the run's state, or refused with the reason`,
  });
  setHandler(receivedSignals[name], (raw?: RawValue) => {
    const args = decoded(raw);
    const why = whyNot(name, args, run.record);
    if (why) refused.note(name, args, why);
    else take(args as AnyCommand);
  });
}

/** What was sent, or, where it is in no encoding that is known here, why it cannot be read: then it is no command. */
function decoded(raw: RawValue | undefined): unknown {
  if (!raw) return undefined;
  try {
    return defaultPayloadConverter.fromPayload(raw.payload);
  } catch (error) {
    return `unreadable: ${String(error)}`;
  }
}

/** `args` is what somebody sent: nothing is known of it before its shape was checked. */
function whyNot(name: CommandName, args: unknown, record: RunRecord): ErrorReport | null {
  const wrong = misshapen(name, args);
  if (wrong) return wrong;
  const command = args as AnyCommand;
  return record.takenCommands.has(name, command.commandId) ? null : refusal(name, command, record.view());
}

function refuseOrPass(name: CommandName, args: unknown, record: RunRecord): void {
  const why = whyNot(name, args, record);
  if (!why) return;
  throw ApplicationFailure.create({ type: why.code, message: why.message, nonRetryable: true, details: [why] });
}
