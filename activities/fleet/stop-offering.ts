import { stopOffers } from '../adapters/postgres/offers.ts';
import { installJobs } from '../adapters/postgres/rollout-jobs.ts';
import { withdrawQueued } from '../adapters/postgres/withdrawals.ts';
import { ridingOut } from '../runtime/ride-out.ts';
import type { FleetWork } from './deps.ts';

/** Ends the run's offers for good and takes back all that no device began; returns the jobs. Those in progress remain. */
export async function stopOffering(work: FleetWork, run: string): Promise<number[]> {
  // A release under way holds the rollout's row: after this none is made any more, nor a job.
  await ridingOut(work, () => stopOffers(work.pool, run));
  await work.reached?.('offers-stopped');
  const jobs = await ridingOut(work, () => installJobs(work.pool, run));
  for (const job of jobs) await withdrawAll(work, job);
  await work.reached?.('offers-withdrawn');
  return jobs;
}

async function withdrawAll(work: FleetWork, job: number): Promise<void> {
  let withdrawn = 0;
  for (let after: string | null = ''; after !== null;) {
    const from: string = after;
    const chunk = await ridingOut(work, () => withdrawQueued(work.pool, job, from));
    withdrawn += chunk.withdrawn;
    work.pulse.note({ job, withdrawn });
    after = chunk.next;
  }
}
