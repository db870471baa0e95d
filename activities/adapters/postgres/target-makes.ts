import type { Pool } from './pool.ts';

/** Targets of a run that are of one make: the same hardware, coming from the same firmware. */
export interface TargetMake {
  readonly hardware: string;
  readonly firmware: string;
  readonly devices: number;
  /** A few of them, by name. */
  readonly examples: readonly string[];
}

const EXAMPLES = 5;

/** The makes among the devices that the run will offer its version to. */
export async function targetMakes(pool: Pool, run: string): Promise<TargetMake[]> {
  const { rows } = await pool.query<TargetMake>(
    `select d.hardware, t.previous_firmware as firmware, count(*)::int as devices,
       (array_agg(t.thing order by t.thing))[1:${EXAMPLES}] as examples
     from rollout_targets t join devices d using (thing)
     where t.run_id = $1 and t.wave is not null and not t.skipped
     group by d.hardware, t.previous_firmware order by d.hardware, t.previous_firmware`,
    [run],
  );
  return rows;
}
