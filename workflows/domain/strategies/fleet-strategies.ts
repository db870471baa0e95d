import { blueGreen } from './blue-green.ts';
import { canary } from './canary.ts';
import { immediate } from './immediate.ts';
import { rolling } from './rolling.ts';
import type { StrategyInput, StrategyWaves } from './strategy-input.ts';

/** The strategies of device fleets by name. */
export const fleetStrategies = { canary, rolling, immediate, blue_green: blueGreen } as const satisfies Record<
  string,
  (input: StrategyInput) => StrategyWaves
>;
export type FleetStrategyName = keyof typeof fleetStrategies;
