import { describe, expect, it } from 'vitest';
import { fitRows, wrap } from '../../../client/cli/render/lines.ts';

describe('breaking a text', () => {
  it('keeps numbers and their units, and words longer than the line, together', () => {
    expect(wrap('back within 1 h 30 min, above 10 % of exe_01KB0M2QF3V7W8X9Y0Z1 so', 14)).toEqual([
      'back within',
      '1 h 30 min,',
      'above 10 % of',
      'exe_01KB0M2QF3V7W8X9Y0Z1',
      'so',
    ]);
  });
});

describe('parts that have to fit', () => {
  const part = (rank: number, ...lines: string[]) => ({ rank, lines });
  const parts = [part(0, 'head'), part(2, 'since'), part(1, 'why', 'more'), part(0, 'foot')];

  it('lose the least needed first, and never those without rank', () => {
    expect(fitRows(parts, 5)).toEqual(['head', 'since', 'why', 'more', 'foot']);
    expect(fitRows(parts, 4)).toEqual(['head', 'why', 'more', 'foot']);
    expect(fitRows(parts, 3)).toEqual(['head', 'foot']);
    expect(fitRows(parts, 1)).toEqual(['head', 'foot']);
  });
});
