import type { SelectToReturn, ToReturn } from '../adapters/postgres/rollbacks.ts';
import { ridingOut } from '../runtime/ride-out.ts';
import type { FleetWork } from './deps.ts';

const PAGE = 1_000;

export interface ReturnSelection {
  readonly run: string;
  /** The run's install jobs. */
  readonly jobs: readonly number[];
  readonly select: SelectToReturn;
}

/** Calls `use` with all devices of the selection, a page at a time; it may be called with the same page again. */
export async function eachReturn(
  work: FleetWork,
  { run, jobs, select }: ReturnSelection,
  use: (devices: readonly ToReturn[]) => Promise<void>,
): Promise<void> {
  for (const jobSeq of jobs) {
    for (let after = ''; ;) {
      const page = { run, jobSeq, after, limit: PAGE };
      const devices = await ridingOut(work, () => select(work.pool, page));
      const last = devices.at(-1);
      if (!last) break;
      await ridingOut(work, () => use(devices));
      work.pulse.note({ job: jobSeq, listed: devices.length });
      after = last.thing;
    }
  }
}
