import { Context } from '@temporalio/activity';

/** Under the 3 s after which a silent activity is given to another worker. */
const BEAT_MS = 700;
/** Work that reports nothing for so long is stuck: its heart stops, so that another attempt takes over. */
const STUCK_AFTER_MS = 60_000;

export interface Pulse {
  /** Says that work goes on; `details` stand in Temporal's UI. */
  note(details: unknown): void;
}

/** Runs `work` with a beating heart. Cancellation reaches an activity through its heartbeats only. */
export async function withHeartbeat<T>(work: (pulse: Pulse) => Promise<T>): Promise<T> {
  const context = Context.current();
  let details: unknown;
  let notedAt = performance.now();
  const beat = setInterval(() => {
    if (performance.now() - notedAt < STUCK_AFTER_MS) context.heartbeat(details);
  }, BEAT_MS);
  const note = (latest: unknown): void => {
    details = latest;
    notedAt = performance.now();
  };
  try {
    return await work({ note });
  } finally {
    clearInterval(beat);
  }
}

/** True when the run asked this activity to stop; a worker that shuts down or an attempt given up is no such wish. */
export const isStopAsked = (): boolean => Context.current().cancellationDetails?.cancelRequested === true;
