// Read from the runtime's own time zones: workflows carry no library for it.

/** Formats are slow to make; each is a function of its zone. */
const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(timezone: string): Intl.DateTimeFormat {
  const known = clocks.get(timezone);
  if (known) return known;
  const part = 'numeric';
  const clock = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone: timezone, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23' },
    ...{ year: part, month: part, day: part, hour: part, minute: part, second: part },
  });
  clocks.set(timezone, clock);
  return clock;
}

/** By how many milliseconds the wall clock of `timezone` is ahead of UTC at `atMs`. */
export function zoneOffsetMs(timezone: string, atMs: number): number {
  const shown = new Map(
    clockOf(timezone)
      .formatToParts(atMs)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const read = (type: Intl.DateTimeFormatPartTypes): number => shown.get(type) ?? 0;
  const localMs = Date.UTC(read('year'), read('month') - 1, read('day'), read('hour'), read('minute'), read('second'));
  return localMs - Math.floor(atMs / 1_000) * 1_000;
}
