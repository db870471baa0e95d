import { Context } from '@temporalio/activity';

/** Under the 3 s after which a silent activity is given to another worker. */
const BEAT_MS = 700;
const STUCK_AFTER_MS = 60_000;

export interface Pulse {
  /** Says that work goes on; `details` stand in Temporal's UI. */
  note(details: unknown): void;
}

/**
 * Runs `work` with a beating heart: without one a dead worker is noticed only at the end of the activity's whole time, and
 * no cancellation arrives. Work that notes nothing for `stuckAfterMs` is stuck: its heart stops, so that another attempt
 * takes over; work that bounds itself gives its own bound.
 */
export async function withHeartbeat<T>(
  work: (pulse: Pulse) => Promise<T>,
  stuckAfterMs: number = STUCK_AFTER_MS,
): Promise<T> {
  const context = Context.current();
  let details: unknown;
  let notedAt = performance.now();
  const beat = setInterval(() => {
    if (performance.now() - notedAt < stuckAfterMs) context.heartbeat(details);
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
