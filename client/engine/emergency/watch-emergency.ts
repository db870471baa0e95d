import { RunEventListener } from '../../../activities/adapters/postgres/run-event-listener.ts';
import type { EngineDeps } from '../engine.ts';
import type { Following } from '../runs/follow-events.ts';
import { loadReport, type ShownEmergency } from './load-report.ts';

/** Runs stop without a word in its journal: they are looked at this often. */
const LOOK_AGAIN_MS = 500;

/** How it stands, now and whenever something may have changed; at the last it is over, unless `signal` ended it. */
export async function* watchEmergency(
  deps: EngineDeps,
  id: string,
  following: Following,
): AsyncGenerator<ShownEmergency> {
  const listener = new RunEventListener(await deps.database());
  try {
    while (!following.signal.aborted) {
      const shown = await loadReport(deps, id, following.note);
      yield shown;
      if (!shown.isOpen) return;
      await listener.wait(LOOK_AGAIN_MS, following.signal);
    }
  } finally {
    listener.close();
  }
}
