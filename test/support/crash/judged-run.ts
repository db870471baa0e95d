import { ulid } from 'ulid';
import type { Pool } from '../../../activities/adapters/postgres/pool.ts';
import type { EngineDeps } from '../../../client/engine/engine.ts';
import type { PlainCommand } from '../../../client/engine/runs/command-run.ts';
import type { StartedRun } from '../../../client/engine/runs/execute-plan.ts';
import { findRun } from '../../../client/engine/runs/find-run.ts';
import { sendCommand } from '../../../client/engine/runs/send-command.ts';
import { SluiceError } from '#domain/errors/failure.ts';
import type { AnyCommand } from '#domain/run/commands.ts';
import { eventually } from '../eventually.ts';
import { isInJournal } from './run-rows.ts';

/** A run that is driven and judged while processes die. */
export interface JudgedRun {
  readonly world: { readonly deps: EngineDeps; readonly pool: Pool };
  readonly run: string;
  readonly started: StartedRun;
  /** Ids of the commands that the run took. */
  readonly taken: string[];
}

/** How long somebody waits for what has died to be back. */
export const COMMAND_DEADLINE_MS = 120_000;
const RETRY_MS = 500;

/** A command without further data, by somebody who may give it. */
export const plainCommand = (name: PlainCommand) =>
  ({ commandId: ulid(), by: 'ada', via: 'cli', verified: false, reason: name }) as const;

/** Sends a command with one id until the run has taken it. Throws the run's refusal. */
export async function sendUntilTaken(
  one: JudgedRun,
  name: PlainCommand | 'decideGate',
  args: AnyCommand,
): Promise<void> {
  const { deps } = one.world;
  const giveUpAt = Date.now() + COMMAND_DEADLINE_MS;
  for (;;) {
    try {
      await sendCommand(deps, await findRun(deps, one.run), { name, args });
      one.taken.push(args.commandId);
      return;
    } catch (error) {
      if (isRefusal(error) && (await hasTaken(one, args))) return;
      if (isRefusal(error) || Date.now() > giveUpAt) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

/** True when the answer was lost, and the run had ended when it was asked again. */
async function hasTaken({ world, run, taken }: JudgedRun, { commandId }: AnyCommand): Promise<boolean> {
  const has = await eventually(() => isInJournal(world.pool, run, commandId), COMMAND_DEADLINE_MS);
  if (has) taken.push(commandId);
  return has;
}

/** The run's own no; anything else means that nobody answered. */
const isRefusal = (error: unknown): boolean => error instanceof SluiceError && /^(RUN|GATE|APPROVAL)_/.test(error.code);
