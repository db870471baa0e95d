import { describe, expect, it } from 'vitest';
import { booleanArray, numberArray, textArray } from '../../../activities/adapters/postgres/array-literal.ts';

describe('array literals', () => {
  it('quote every text, so that none is read as something else', () => {
    expect(textArray(['plain', '', 'NULL', null, 'a"b', 'a\\d', 'a,b', '{x}', 'ä ö'])).toBe(
      '{"plain","","NULL",null,"a\\"b","a\\\\d","a,b","{x}","ä ö"}',
    );
  });

  it('hold characters themselves where JSON would hold their escapes', () => {
    expect(textArray(['a\nb', null, '\u0001', 'a\\nb', '"'])).toBe('{"a\nb",NULL,"\u0001","a\\\\nb","\\""}');
  });

  it('hold numbers and booleans', () => {
    expect(numberArray([1, null, 2.5])).toBe('{1,null,2.5}');
    expect(booleanArray([true, false])).toBe('{true,false}');
  });
});
