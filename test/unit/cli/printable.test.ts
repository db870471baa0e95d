import { describe, expect, it } from 'vitest';
import { errorReport } from '#domain/errors/failure.ts';
import { renderError } from '../../../client/cli/render/error.ts';
import { forPeople, safeJson, safeText } from '../../../client/cli/render/printable.ts';

const CLEAR = '\u001b[2J';
const TITLE = '\u001b]0;pwned\u0007';

describe('text on its way to a terminal', () => {
  it('shows what a terminal would obey, and keeps its lines', () => {
    expect(safeText(`a${CLEAR}b\rc\bd\u009be\u202ef\ng`, false)).toBe('a\\u001b[2Jb\\rc\\bd\\u009be\\u202ef\ng');
  });

  it('keeps the colours of the program itself, and only where they are wanted', () => {
    expect(safeText(`\u001b[31mred\u001b[39m${TITLE}`, true)).toBe('\u001b[31mred\u001b[39m\\u001b]0;pwned\\u0007');
    expect(safeText('\u001b[31mred', false)).toBe('\\u001b[31mred');
    expect(safeText('\u001b[8mhidden', true)).toBe('\\u001b[8mhidden');
  });

  it('leaves other languages and signs alone', () => {
    expect(safeText('größer · 設備 · ✓ █▓░ 👩‍🔧', true)).toBe('größer · 設備 · ✓ █▓░ 👩‍🔧');
  });
});

describe('a renderer for people', () => {
  it('gets no text that could colour, break a line, or move the cursor, wherever it stands', () => {
    const seen = forPeople((given: object, plain: string) => `${JSON.stringify(given)} ${plain}`);
    const text = seen({ list: [{ '\u001b[1mkey': 'a\nb' }], at: null, count: 3 }, `x${CLEAR}`);
    expect(text).toBe('{"list":[{"\\\\u001b[1mkey":"a\\\\nb"}],"at":null,"count":3} x\\u001b[2J');
  });
});

describe('an error', () => {
  it('cannot be made to look like another one by what a file says', () => {
    const place = { where: `plan${TITLE}.yaml`, found: 'one\n✓ all is well' };
    const report = errorReport('USAGE', { why: `bad key ${CLEAR}` }, place);
    expect(renderError(report, true)).not.toMatch(/\u001b\[2J|\u001b\]0/);
    expect(renderError(report, false)).toContain('  found  one\n         ✓ all is well');
  });
});

describe('JSON on its way to a terminal', () => {
  it('says the same, without a character that the terminal obeys', () => {
    const data = { name: `${CLEAR}\u009b\u202e` };
    expect(safeJson(data)).toBe('{"name":"\\u001b[2J\\u009b\\u202e"}');
    expect(JSON.parse(safeJson(data))).toEqual(data);
  });
});
