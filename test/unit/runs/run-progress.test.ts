import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { progressPercent } from '../../../client/engine/runs/run-progress.ts';
import { PHASES } from '#domain/run/run-state.ts';
import { waveOf } from './sample-run.ts';

describe('progress of a run', () => {
  it('is the share of its devices that ended, well or badly', () => {
    const waves = [
      waveOf(1, 20, { offered: 20, succeeded: 18, failed: 2 }),
      waveOf(2, 80, { offered: 30, queued: 30 }),
    ];
    expect(progressPercent('running', waves)).toBe(20);
  });

  it('is 100 when completed, also with devices that never answered', () => {
    expect(progressPercent('completed', [waveOf(1, 20, { offered: 20, succeeded: 18, queued: 2 })])).toBe(100);
  });

  it('is 0 before the devices are chosen', () => {
    expect(progressPercent('awaiting-approval', [])).toBe(0);
  });

  it('is a whole number of 0 to 100, and 100 only when completed', () => {
    const wave = fc
      .tuple(fc.nat(5_000), fc.nat(5_000), fc.nat(5_000))
      .map(([succeeded, failed, queued]) => waveOf(1, succeeded + failed + queued, { succeeded, failed, queued }));
    fc.assert(
      fc.property(fc.constantFrom(...PHASES), fc.array(wave), (phase, waves) => {
        const progress = progressPercent(phase, waves);
        expect(Number.isInteger(progress)).toBe(true);
        expect(progress).toBeGreaterThanOrEqual(0);
        expect(progress === 100).toBe(phase === 'completed');
      }),
    );
  });
});
