import { setTimeout as delay } from 'node:timers/promises';
import type { Client, WorkflowHandle } from '@temporalio/client';
import type { UpdateDefinition } from '@temporalio/common';
import { readRun, type RunRow } from '../../../activities/adapters/postgres/runs.ts';
import { runUpdates } from '../../../workflows/runtime/run.messages.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import type { AnyCommand, CommandName } from '#domain/run/commands.ts';
import type { RunView } from '#domain/run/run-view.ts';
import type { EngineDeps } from '../engine.ts';
import { patientRead } from '../patient-read.ts';
import { readCallFailure } from './temporal-errors.ts';

const ASK_AGAIN_MS = 250;

export interface Command {
  readonly name: CommandName;
  readonly args: AnyCommand;
}

export interface CommandAnswer {
  readonly commandId: string;
  /** The run as it stands after the command was taken. */
  readonly view: RunView;
}

/**
 * Sends until an answer comes or `withinMs` passed; the command's id makes asking again harmless. Throws the run's
 * refusal, RUN_ALREADY_CLOSED, RUN_NOT_FOUND, or COMMAND_UNANSWERED.
 */
export async function sendCommand(
  deps: EngineDeps,
  row: RunRow,
  command: Command,
  withinMs = deps.settings.waitForPartMs,
): Promise<CommandAnswer> {
  const client = await deps.temporal();
  const handle = client.workflow.getHandle(row.workflowId);
  const giveUpAt = Date.now() + withinMs;
  for (;;) {
    try {
      const view = await client.connection.withDeadline(giveUpAt, () => update(handle, command));
      return { commandId: command.args.commandId, view };
    } catch (error) {
      const failure = readCallFailure(error);
      if (failure.kind === 'refused') throw failure.error;
      if (failure.kind === 'gone' || failure.kind === 'ended-meanwhile') throw await goneError(deps, client, row);
      if (failure.kind === 'other') throw error;
      if (failure.kind === 'unanswered' || Date.now() + ASK_AGAIN_MS > giveUpAt) throw unanswered(row, command, error);
      await delay(ASK_AGAIN_MS);
    }
  }
}

function update(handle: WorkflowHandle, { name, args }: Command): Promise<RunView> {
  const definition = runUpdates[name] as UpdateDefinition<RunView, [AnyCommand]>;
  return handle.executeUpdate(definition, { updateId: args.commandId, args: [args] });
}

function unanswered({ run }: RunRow, { name }: Command, cause: unknown): Error {
  return sluiceError('COMMAND_UNANSWERED', { command: name, run }, { cause });
}

/** Temporal answers alike for a closed run and an unknown one: journal and description tell them apart. */
async function goneError(deps: EngineDeps, client: Client, { run, workflowId }: RunRow): Promise<Error> {
  const row = await patientRead(deps, (pool) => readRun(pool, run));
  if (row?.closed) return sluiceError('RUN_ALREADY_CLOSED', { run, phase: row.phase });
  try {
    const { status } = await client.workflow.getHandle(workflowId).describe();
    return sluiceError('RUN_ALREADY_CLOSED', { run, phase: status.name.toLowerCase() });
  } catch (error) {
    if (readCallFailure(error).kind !== 'gone') return error as Error;
    return sluiceError(
      'RUN_NOT_FOUND',
      { run },
      { found: 'it was written down, but its workflow never started or is lost' },
    );
  }
}
