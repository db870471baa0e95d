/** What a Range header asks of `sizeBytes` bytes; both ends are included. */
export type RangeAnswer =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly first: number; readonly last: number }
  | { readonly kind: 'unsatisfiable' };

const ONE_RANGE = /^bytes=(\d*)-(\d*)$/;
const WHOLE: RangeAnswer = { kind: 'whole' };

/** One range is served as asked (RFC 9110, 14.2); several, another unit or nonsense are answered with the whole. */
export function answerRange(header: string | undefined, sizeBytes: number): RangeAnswer {
  const match = ONE_RANGE.exec(header?.replaceAll(' ', '') ?? '');
  if (!match) return WHOLE;
  const [, from = '', to = ''] = match;
  if (from === '' && to === '') return WHOLE;
  if (from === '') return lastBytes(Number(to), sizeBytes);
  const first = Number(from);
  const last = to === '' ? sizeBytes - 1 : Math.min(Number(to), sizeBytes - 1);
  if (to !== '' && Number(to) < first) return WHOLE;
  return first < sizeBytes ? { kind: 'part', first, last } : { kind: 'unsatisfiable' };
}

function lastBytes(count: number, sizeBytes: number): RangeAnswer {
  if (count === 0 || sizeBytes === 0) return { kind: 'unsatisfiable' };
  return { kind: 'part', first: Math.max(0, sizeBytes - count), last: sizeBytes - 1 };
}
