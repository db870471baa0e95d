import { RunEventListener } from '../../../activities/adapters/postgres/run-event-listener.ts';
import type { EngineDeps } from '../engine.ts';
import { patientRead } from '../patient-read.ts';
import type { Following } from './follow-events.ts';
import { readRunStatus, type RunStatus } from './run-status.ts';

/** Devices report without a journal entry: their counters are looked at this often. */
const LOOK_AGAIN_MS = 500;

/** How a run stands, now and whenever something may have changed; the last one is closed, unless `signal` ended it. */
export async function* watchRun(deps: EngineDeps, run: string, following: Following): AsyncGenerator<RunStatus> {
  const listener = new RunEventListener(await deps.database());
  try {
    while (!following.signal.aborted) {
      const status = await patientRead(deps, (pool) => readRunStatus(pool, run), following.note);
      yield status;
      if (status.row.closed) return;
      await listener.wait(LOOK_AGAIN_MS, following.signal);
    }
  } finally {
    listener.close();
  }
}
