import { userInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { nameOf } from '../../../client/engine/person.ts';

describe('who acts', () => {
  it('is the one named by --as, else by SLUICE_USER, else the OS user', () => {
    expect(nameOf('lin', { SLUICE_USER: 'ada' })).toBe('lin');
    expect(nameOf(undefined, { SLUICE_USER: 'ada' })).toBe('ada');
    expect(nameOf(undefined, {})).toBe(userInfo().username);
  });

  it('is named without the spaces around the name', () => {
    expect(nameOf(' lin ', {})).toBe('lin');
  });

  it.each(['', '  ', 'ada\u001b[2J', 'ada\n', '\u009bada'])('is never somebody else in place of %j', (given) => {
    const refused = (where: string): unknown =>
      expect.objectContaining({ code: 'USAGE', report: expect.objectContaining({ where }) as unknown });
    expect(() => nameOf(given, { SLUICE_USER: 'ada' })).toThrow(refused('--as'));
    expect(() => nameOf(undefined, { SLUICE_USER: given })).toThrow(refused('SLUICE_USER'));
  });

  it('is a number where the OS knows no account', () => {
    const unknown = (): never => {
      throw new Error('ERR_SYSTEM_ERROR: uv_os_get_passwd returned ENOENT');
    };
    expect(nameOf(undefined, {}, unknown)).toBe(`uid-${process.getuid?.()}`);
  });
});
