const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  ki: 1024,
  mi: 1024 ** 2,
  gi: 1024 ** 3,
};

/** Bytes of `128Mi`, `1.5Gi`, `500M`, `64mb` or a number of bytes; null when the text is no size. */
export function memoryBytes(written: string | number): number | null {
  if (typeof written === 'number') return Number.isSafeInteger(written) && written >= 0 ? written : null;
  const [, amount = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([kmg]?i?)b?$/i.exec(written.trim()) ?? [];
  const factor = UNITS[unit.toLowerCase()];
  return amount === '' || factor === undefined ? null : Math.round(Number(amount) * factor);
}
