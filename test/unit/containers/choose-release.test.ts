import { describe, expect, it } from 'vitest';
import type { KeptRelease } from '../../../activities/adapters/postgres/releases-of-applications.ts';
import { chooseRelease } from '../../../client/engine/releases/choose-release.ts';

const wish = { application: 'shop', environment: 'production', to: undefined };

/** As they were brought into use, one after the other; the last one is in use. */
function kept(...versions: readonly string[]): KeptRelease[] {
  const all = versions.map((version, at) => {
    const state = at === versions.length - 1 ? 'stable' : 'retired';
    const stableAt = `2026-01-0${at + 1}T00:00:00.000Z`;
    return { release: at + 1, version, digest: `sha256:${version}`, spec: {}, state, stableAt } as KeptRelease;
  });
  return all.reverse();
}

describe('the release that an application goes back to', () => {
  it('is the one before the one in use', () => {
    expect(chooseRelease(kept('1', '2', '3'), wish)).toMatchObject({ release: 2 });
  });

  it('is never one that was taken back: a second way back goes a step further', () => {
    expect(chooseRelease(kept('1', '2', '3', '2'), wish)).toMatchObject({ version: '1' });
  });

  it('is refused where everything but the one in use was taken back', () => {
    const choose = () => chooseRelease(kept('1', '2', '1'), wish);
    expect(choose).toThrow('application shop has no stable release before the one in use in production to go back to');
  });

  it('is one that was taken back when that is asked for', () => {
    expect(chooseRelease(kept('1', '2', '1'), { ...wish, to: '2' })).toMatchObject({ release: 2 });
  });
});
