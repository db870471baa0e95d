import { databaseTime } from '../../../activities/adapters/postgres/freezes.ts';
import { readHolds } from '../../../activities/adapters/postgres/holds.ts';
import type { Pool } from '../../../activities/adapters/postgres/pool.ts';
import type { EngineDeps } from '../engine.ts';
import { patientRead } from '../patient-read.ts';
import { freezeAt, type Freeze, type Pin } from '#domain/coordination/holds.ts';

/** What keeps runs from beginning in an environment now. */
export interface HoldsInForce {
  readonly freeze: Freeze | null;
  readonly pins: readonly Pin[];
}

/** The same, patiently. */
export const readHoldsInForce = (deps: EngineDeps, environment: string): Promise<HoldsInForce> =>
  patientRead(deps, (pool) => holdsInForce(pool, environment));

export async function holdsInForce(pool: Pool, environment: string): Promise<HoldsInForce> {
  const holds = await readHolds(pool, environment);
  return { freeze: freezeAt(holds, await databaseTime(pool)), pins: holds.pins };
}
