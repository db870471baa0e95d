import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { choosingWaves, cumulativeTargets, waveLabel } from '#domain/fleet/waves.ts';
import type { WaveSelection } from '#domain/plan/plan.ts';
import { fleetStrategies, type FleetStrategyName } from '#domain/strategies/fleet-strategies.ts';
import type { StrategyInput } from '#domain/strategies/strategy-input.ts';
import { strategyNamed } from '#domain/strategies/strategy-names.ts';

const input = (over: Partial<StrategyInput> = {}): StrategyInput => ({
  canaryPercentage: 10,
  rolloutPercentage: 100,
  batchPercentage: 10,
  switchTimeoutMs: 300_000,
  waves: null,
  ...over,
});

const percentages = (waves: readonly WaveSelection[]): number[] =>
  waves.map((wave) => (wave.kind === 'percent' ? wave.percent : NaN));

const wavesOf = (name: FleetStrategyName, over: Partial<StrategyInput> = {}): number[] =>
  percentages(fleetStrategies[name](input(over)).waves);

describe('the waves of a strategy', () => {
  test.each([
    ['canary', {}, [10, 50, 100]],
    ['canary', { canaryPercentage: 1 }, [1, 50, 100]],
    ['canary', { canaryPercentage: 60 }, [60, 100]],
    ['canary', { rolloutPercentage: 30 }, [10, 30]],
    ['canary', { rolloutPercentage: 5 }, [5]],
    ['rolling', {}, [10, 20, 30, 40, 50, 60, 70, 80, 90, 100]],
    ['rolling', { batchPercentage: 40 }, [40, 80, 100]],
    ['rolling', { batchPercentage: 25, rolloutPercentage: 60 }, [25, 50, 60]],
    ['rolling', { batchPercentage: 50, rolloutPercentage: 20 }, [20]],
    ['rolling', { batchPercentage: 1.1, rolloutPercentage: 4.4 }, [1.1, 2.2, 3.3, 4.4]],
    ['rolling', { batchPercentage: 1.1, rolloutPercentage: 9.9 }, [1.1, 2.2, 3.3, 4.4, 5.5, 6.6, 7.7, 8.8, 9.9]],
    ['immediate', {}, [100]],
    ['immediate', { rolloutPercentage: 25 }, [25]],
  ] as const)('%s with %o is %o', (name, over, expected) => {
    expect(wavesOf(name, over)).toEqual(expected);
  });

  it('is what the plan says where it writes them out', () => {
    const waves: WaveSelection[] = [
      { kind: 'count', count: 5 },
      { kind: 'percent', percent: 100 },
    ];
    expect(fleetStrategies.canary(input({ waves }))).toEqual({
      strategy: { kind: 'canary', percentages: [100] },
      waves,
    });
    expect(fleetStrategies.rolling(input({ waves })).waves).toEqual(waves);
  });
});

describe('whatever the percentages and the fleet', () => {
  const percent = fc.integer({ min: 1, max: 10_000 }).map((hundredths) => hundredths / 100);
  const batch = fc.integer({ min: 100, max: 10_000 }).map((hundredths) => hundredths / 100);
  const anyInput = fc.record({ canaryPercentage: percent, rolloutPercentage: percent, batchPercentage: batch });
  const anyName = fc.constantFrom<FleetStrategyName>('canary', 'rolling', 'immediate');

  it('waves rise, begin above nothing and end where the rollout ends', () => {
    fc.assert(
      fc.property(anyName, anyInput, (name, over) => {
        const waves = wavesOf(name, over);
        expect(waves.length).toBeGreaterThan(0);
        expect(waves.at(-1)).toBe(over.rolloutPercentage);
        expect(waves[0]).toBeGreaterThan(0);
        expect(waves.every((wave, at) => at === 0 || wave > (waves[at - 1] ?? 0))).toBe(true);
      }),
    );
  });

  it('each wave reaches at least its percentage and at least one device, and the last all that the rollout means', () => {
    fc.assert(
      fc.property(anyName, anyInput, fc.integer({ min: 1, max: 100_000 }), (name, over, total) => {
        const reached = wavesOf(name, over).map((wave) => ({ wave, devices: cumulativeTargets(total, wave) }));
        for (const { wave, devices } of reached) {
          expect(devices).toBeGreaterThanOrEqual(1);
          // Rounded up, and by less than one device.
          expect(devices * 100).toBeGreaterThanOrEqual(Math.floor(wave * total * (1 - 1e-9)));
          expect(devices).toBeLessThan((wave * total) / 100 + 1.000001);
        }
        if (over.rolloutPercentage === 100) expect(reached.at(-1)?.devices).toBe(total);
      }),
    );
  });

  it('no batch of a rolling update is larger than it was asked to be', () => {
    fc.assert(
      fc.property(anyInput, (over) => {
        const waves = [0, ...wavesOf('rolling', over)];
        const batches = waves.slice(1).map((wave, at) => wave - (waves[at] ?? 0));
        expect(Math.max(...batches)).toBeLessThanOrEqual(over.batchPercentage + 0.0051);
      }),
    );
  });
});

describe('blue-green', () => {
  it('stages on all that it reaches, then activates on the same', () => {
    const { strategy, waves } = fleetStrategies.blue_green(input({ rolloutPercentage: 60, switchTimeoutMs: 1_000 }));
    expect(strategy).toEqual({ kind: 'blue_green', upToPercent: 60, switchTimeoutMs: 1_000 });
    expect(waves.map(waveLabel)).toEqual(['stage on 60 %', 'activate on 60 %']);
    expect(choosingWaves(waves)).toEqual([{ kind: 'percent', percent: 60, operation: 'stage' }]);
  });
});

describe('strategyNamed', () => {
  test.each(['CANARY', 'canary', 'Canary', 'can-ary'])('%s is canary', (written) => {
    expect(strategyNamed('fleet', written)).toEqual({ kind: 'known', name: 'canary' });
  });
  test.each(['BLUE_GREEN', 'blue-green', 'blueGreen', 'blue_green'])('%s is known everywhere', (written) => {
    expect(strategyNamed('fleet', written)).toEqual({ kind: 'known', name: 'blue_green' });
    expect(strategyNamed('docker', written)).toEqual({ kind: 'known', name: 'blue_green' });
  });
  it('knows recreate, which is not for fleets', () => {
    expect(strategyNamed('fleet', 'RECREATE')).toEqual({ kind: 'elsewhere', name: 'recreate' });
  });
  it('knows no other', () => {
    expect(strategyNamed('fleet', 'yolo')).toEqual({ kind: 'unknown' });
  });
});
