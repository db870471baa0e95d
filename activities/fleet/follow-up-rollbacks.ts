import { inTransaction } from '../adapters/postgres/pool.ts';
import { lateSuccesses, readOffered, runsToFollowUp, type LateSuccess } from '../adapters/postgres/follow-ups.ts';
import { insertReturns, promotePrecautions, settleReturns } from '../adapters/postgres/rollbacks.ts';
import type { FleetDeps } from './deps.ts';
import { offerWayBack } from './offer-way-back.ts';
import { replaceRefusedSlots } from './replace-refused-slots.ts';
import { WaysBack } from './way-back-jobs.ts';

const PAGE = 500;

/**
 * Goes on with rollbacks whose runs have ended: a device that says only now that it runs the new version is listed and offered
 * its way back, one that confirms its way back only now is back. Each step is one transaction that repeats harmlessly, beside
 * another worker too. Returns the runs that it went on with; one that fails does not keep the others waiting.
 */
export async function followUpRollbacks(deps: FleetDeps): Promise<string[]> {
  const done: string[] = [];
  for (const run of await runsToFollowUp(deps.pool)) {
    try {
      await followUp(deps, run);
      done.push(run);
    } catch (error) {
      deps.logger.warn({ run, err: error }, 'a rollback is not followed up; tried again');
    }
  }
  return done;
}

async function followUp(deps: FleetDeps, run: string): Promise<void> {
  await promotePrecautions(deps.pool, run, 'unacknowledged');
  const offered = await readOffered(deps.pool, run);
  if (offered) {
    const ways = new WaysBack(deps, run, offered);
    await replaceRefusedSlots(deps, ways, run);
    await offerLate(deps, ways, run);
  }
  await settleReturns(deps.pool, run);
}

async function offerLate(deps: FleetDeps, ways: WaysBack, run: string): Promise<void> {
  for (;;) {
    // Who is listed is not found again.
    const late = await lateSuccesses(deps.pool, run, PAGE);
    if (late.length === 0) return;
    const [free, taken] = [late.filter(isFree), late.filter((one) => !isFree(one))];
    await leaveToNewer(deps, run, taken);
    await offerWayBack(deps, ways, { run, devices: free, reason: 'late-success' });
  }
}

const isFree = ({ takenBy }: LateSuccess): boolean => takenBy === null;

/** The newest decision on a device stands, as when its way back is in its queue already. */
async function leaveToNewer({ pool }: FleetDeps, run: string, devices: readonly LateSuccess[]): Promise<void> {
  for (const { thing, version, takenBy } of devices) {
    const entry = { version, jobSeq: null, state: 'superseded', detail: `superseded by ${takenBy}` } as const;
    await inTransaction(pool, (connection) => insertReturns(connection, run, [thing], entry));
  }
}
