import {
  countReturns,
  devicesToReturn,
  giveUpReturns,
  insertReturns,
  leftExamples,
  settleReturns,
  silentDevices,
  type NewReturn,
  type SelectToReturn,
} from '../../../activities/adapters/postgres/rollbacks.ts';
import { inTransaction, type Pool } from '../../../activities/adapters/postgres/pool.ts';
import { installJobs } from '../../../activities/adapters/postgres/rollout-jobs.ts';
import type { LeftBehind } from './final-entry.ts';

const PAGE = 1_000;
const EXAMPLES = 5;

/**
 * Lists every device of a run that was cut short which is on the new version, or may be, and did not come back. Its offers
 * have ended before. Safe to repeat.
 */
export async function listLeft(pool: Pool, run: string): Promise<LeftBehind> {
  const jobs = await installJobs(pool, run);
  // Who answers before the silent ones are listed is found after it; who answers later is among them.
  for (const job of jobs) await list(pool, { run, job }, SILENT);
  for (const job of jobs) await list(pool, { run, job }, ON_NEW_VERSION);
  await settleReturns(pool, run);
  await giveUpReturns(pool, run);
  const { left } = await countReturns(pool, run);
  return { hasOffered: jobs.length > 0, left, examples: await leftExamples(pool, run, EXAMPLES) };
}

interface Listing extends Pick<NewReturn, 'state' | 'detail'> {
  readonly select: SelectToReturn;
}

const SILENT: Listing = {
  select: silentDevices,
  state: 'unacknowledged',
  detail: 'in progress when the run was cut short',
};
const ON_NEW_VERSION: Listing = {
  select: devicesToReturn,
  state: 'not-offered',
  detail: 'the run was cut short before its way back',
};

async function list(
  pool: Pool,
  { run, job }: { readonly run: string; readonly job: number },
  { select, state, detail }: Listing,
): Promise<void> {
  for (let after = ''; ;) {
    const devices = await select(pool, { run, jobSeq: job, after, limit: PAGE });
    const last = devices.at(-1);
    if (!last) return;
    await inTransaction(pool, async (connection) => {
      for (const [version, some] of Map.groupBy(devices, (device) => device.version)) {
        const things = some.map(({ thing }) => thing);
        await insertReturns(connection, run, things, { version, jobSeq: null, state, detail });
      }
    });
    after = last.thing;
  }
}
