import { userInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { nameOf } from '../../../client/engine/person.ts';

describe('who acts', () => {
  it('is the one named by --as, else by SLUICE_USER, else the OS user', () => {
    expect(nameOf('lin', { SLUICE_USER: 'ada' })).toBe('lin');
    expect(nameOf(undefined, { SLUICE_USER: 'ada' })).toBe('ada');
    expect(nameOf(undefined, {})).toBe(userInfo().username);
  });

  it.each(['', '  '])('is the OS user when SLUICE_USER is empty (%j)', (empty) => {
    expect(nameOf(undefined, { SLUICE_USER: empty })).toBe(userInfo().username);
  });

  it('is a number where the OS knows no account', () => {
    const unknown = (): never => {
      throw new Error('ERR_SYSTEM_ERROR: uv_os_get_passwd returned ENOENT');
    };
    expect(nameOf(undefined, {}, unknown)).toBe(`uid-${process.getuid?.()}`);
  });
});
