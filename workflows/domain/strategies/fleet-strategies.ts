import { canary } from './canary.ts';
import { immediate } from './immediate.ts';
import { rolling } from './rolling.ts';
import type { StrategyInput, StrategyWaves } from './strategy-input.ts';

/** The strategies of device fleets by name. */
export const fleetStrategies = { canary, rolling, immediate } as const satisfies Record<
  string,
  (input: StrategyInput) => StrategyWaves
>;
export type FleetStrategyName = keyof typeof fleetStrategies;

export type StrategyName =
  | { readonly kind: 'fleet'; readonly name: FleetStrategyName }
  /** A strategy of containers: known, but not for fleets. */
  | { readonly kind: 'elsewhere'; readonly name: 'blue_green' | 'recreate' }
  | { readonly kind: 'unknown' };

/** What was meant by any of the documents' spellings: `CANARY`, `Blue-Green`, `blue_green`. */
export function strategyNamed(written: string): StrategyName {
  const bare = written.toLowerCase().replaceAll(/[-_\s]/g, '');
  if (bare === 'bluegreen') return { kind: 'elsewhere', name: 'blue_green' };
  if (bare === 'recreate') return { kind: 'elsewhere', name: 'recreate' };
  const name = Object.keys(fleetStrategies).find((one): one is FleetStrategyName => one === bare);
  return name ? { kind: 'fleet', name } : { kind: 'unknown' };
}
