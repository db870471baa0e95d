import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bar, waveLine } from '../../../client/cli/render/progress.ts';
import { waveOf } from '../runs/sample-run.ts';

describe('the line of a wave', () => {
  it('shows a good wave full', () => {
    expect(waveLine('wave 1', waveOf(1, 20, { offered: 20, succeeded: 20 }), false)).toBe(
      'wave 1        20/20   ████████████████████ 100 %   0 failed',
    );
  });

  it('shows failed devices in another tone', () => {
    expect(waveLine('wave 1', waveOf(1, 20, { offered: 20, succeeded: 13, failed: 7 }), false)).toBe(
      'wave 1        20/20   █████████████▓▓▓▓▓▓▓  65 %   7 failed',
    );
  });

  it('shows what is still to come', () => {
    expect(
      waveLine('wave 2', waveOf(2, 100_000, { offered: 60_000, succeeded: 50_000, inProgress: 10_000 }), false),
    ).toBe('wave 2 50000/100000   ██████████░░░░░░░░░░  50 %   0 failed');
  });
});

describe('a bar', () => {
  it('has 20 cells, is full only when all succeeded, and hides no failure', () => {
    const counts = fc.tuple(fc.nat(2_000), fc.nat(2_000), fc.nat(2_000));
    fc.assert(
      fc.property(counts, ([succeeded, failed, open]) => {
        const cells = bar(succeeded, failed, succeeded + failed + open);
        expect([...Object.values(cells).join('')]).toHaveLength(20);
        expect(cells.failed.length > 0).toBe(failed > 0);
        if (failed + open > 0) expect(cells.succeeded.length).toBeLessThan(20);
      }),
    );
  });
});
