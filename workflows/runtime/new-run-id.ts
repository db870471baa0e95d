import type { RunId } from '#domain/ids.ts';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TIME_CHARS = 10;
const CHANCE_CHARS = 16;

/** An id for a run that this workflow starts: a ULID as all others have, of the workflow's own time and chance, so that a replay gives the same. */
export function newRunId(): RunId {
  let left = Date.now();
  let time = '';
  for (let at = 0; at < TIME_CHARS; at += 1) {
    time = charAt(left % ALPHABET.length) + time;
    left = Math.floor(left / ALPHABET.length);
  }
  const chance = Array.from({ length: CHANCE_CHARS }, () => charAt(Math.floor(Math.random() * ALPHABET.length)));
  return `exe_${time}${chance.join('')}` as RunId;
}

const charAt = (index: number): string => ALPHABET[index] ?? '0';
