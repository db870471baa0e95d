import type { Iso } from '#domain/time.ts';

/** The workflow's time: the same at replay, virtual in skipped time. */
export const now = (): Iso => new Date().toISOString();

/** Milliseconds from now to `at`, never negative. */
export const msUntil = (at: Iso): number => Math.max(0, Date.parse(at) - Date.now());
