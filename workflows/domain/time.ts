/** Instants are ISO 8601 strings in UTC, durations whole milliseconds: both are plain JSON and replay as recorded. */
export type Iso = string;

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/** Milliseconds of `5m`, `0s`, `1.5h`, `7d`; a bare number is seconds. Null when the text is no duration. */
export function parseDurationMs(text: string | number): number | null {
  if (typeof text === 'number') return Number.isFinite(text) && text >= 0 ? Math.round(text * UNIT_MS.s) : null;
  const match = DURATION.exec(text.trim());
  if (!match) return null;
  return Math.round(Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS]);
}

/** A duration as people read it: `0 s`, `45 s`, `5 min`, `2 h 30 min`, `3 d`. */
export function formatDuration(durationMs: number): string {
  if (durationMs < UNIT_MS.m) return `${Math.round(durationMs / 100) / 10} s`;
  const parts: [number, string][] = [
    [Math.floor(durationMs / UNIT_MS.d), 'd'],
    [Math.floor((durationMs % UNIT_MS.d) / UNIT_MS.h), 'h'],
    [Math.floor((durationMs % UNIT_MS.h) / UNIT_MS.m), 'min'],
    [Math.floor((durationMs % UNIT_MS.m) / UNIT_MS.s), 's'],
  ];
  const named = parts.filter(([count]) => count > 0).slice(0, 2);
  return named.map(([count, unit]) => `${count} ${unit}`).join(' ');
}

/** `at` moved by `byMs`. */
export const addMs = (at: Iso, byMs: number): Iso => new Date(Date.parse(at) + byMs).toISOString();
