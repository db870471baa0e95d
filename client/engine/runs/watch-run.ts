import { RunEventListener } from '../../../activities/adapters/postgres/run-event-listener.ts';
import type { EngineDeps } from '../engine.ts';
import type { Following } from './follow-events.ts';
import { RunObserver, type RunFacts } from './run-facts.ts';

/** Devices report without a journal entry: their counters are looked at this often. */
const LOOK_AGAIN_MS = 500;

/** What is known of a run, now and whenever something may have changed; at the last it is closed, unless `signal` ended it. */
export async function* watchRun(deps: EngineDeps, run: string, following: Following): AsyncGenerator<RunFacts> {
  const listener = new RunEventListener(await deps.database());
  const observer = new RunObserver(deps, run, following.note);
  try {
    while (!following.signal.aborted) {
      const facts = await observer.look();
      yield facts;
      if (facts.status.row.closed) return;
      await listener.wait(LOOK_AGAIN_MS, following.signal);
    }
  } finally {
    listener.close();
    await observer.close();
  }
}
