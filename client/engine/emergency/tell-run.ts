import type { RunRow } from '../../../activities/adapters/postgres/runs.ts';
import type { Told } from '../../../activities/emergency/deps.ts';
import { SluiceError } from '#domain/errors/failure.ts';
import type { StopCommand } from '#domain/emergency/stop-run.ts';
import type { CommandEnvelope } from '#domain/run/commands.ts';
import type { EngineDeps } from '../engine.ts';
import { sendCommand } from '../runs/send-command.ts';

/** One that does not answer is asked again at the next look; the others are not to wait for it. */
const ANSWER_WITHIN_MS = 3_000;

/** How an open run takes a command. Never throws: whatever went wrong, it is told again. */
export async function tellRun(deps: EngineDeps, row: RunRow, name: StopCommand, args: CommandEnvelope): Promise<Told> {
  try {
    await sendCommand(deps, row, { name, args }, ANSWER_WITHIN_MS);
    return { kind: 'taken' };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const code = error instanceof SluiceError ? error.code : null;
    if (code === 'RUN_ALREADY_CLOSED' || code === 'RUN_NOT_FOUND') return { kind: 'gone' };
    return { kind: code === 'RUN_STOPPING' || code === 'RUN_NOT_PAUSED' ? 'refused' : 'unanswered', why };
  }
}
