/** While things are fresh they are looked at often; afterwards calmly, whatever was asked for. */
const FRESH_FOR_MS = 10 * 60_000;
const CALM_EVERY_MS = 30_000;

/** How long to wait for the next look, `watchedForMs` after the first. */
export const nextLookInMs = (everyMs: number, watchedForMs: number): number =>
  watchedForMs < FRESH_FOR_MS ? everyMs : Math.max(everyMs, CALM_EVERY_MS);
