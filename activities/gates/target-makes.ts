import type { FleetPlan } from '#domain/plan/plan.ts';
import { compileWaveFilter } from '../adapters/cel/wave-filter.ts';
import type { Pool } from '../adapters/postgres/pool.ts';
import { allDevices } from '../adapters/postgres/selected-devices.ts';
import { selectionFilter } from '../runtime/selection.ts';

/** Devices that a plan may offer its version and that are of one make: the same hardware, running the same firmware. */
export interface TargetMake {
  readonly hardware: string;
  readonly firmware: string;
  readonly devices: number;
  /** A few of them, by name. */
  readonly examples: readonly string[];
}

const EXAMPLES = 5;

/**
 * The makes among the devices that a wave may offer the plan's version now. Read from the registry and not from the run's
 * targets: those are chosen only after the gates, at the first offer.
 */
export async function targetMakes(pool: Pool, plan: FleetPlan): Promise<TargetMake[]> {
  const isSelected = await selectionFilter(pool, plan.selection);
  const isReached = compileWaveFilter(plan.waves);
  const makes = new Map<string, TargetMake>();
  for await (const page of allDevices(pool)) {
    for (const device of page) {
      if (device.firmware === plan.firmware.version || !isSelected(device) || !isReached(device)) continue;
      const { hardware, firmware, thing } = device;
      const key = JSON.stringify([hardware, firmware]);
      const { devices, examples } = makes.get(key) ?? { devices: 0, examples: [] };
      const shown = examples.length < EXAMPLES ? [...examples, thing] : examples;
      makes.set(key, { hardware, firmware, devices: devices + 1, examples: shown });
    }
  }
  return [...makes.values()];
}
