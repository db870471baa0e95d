import { jobDocument } from '#domain/fleet/job-document.ts';
import { waveJobId, type RunId } from '#domain/ids.ts';
import type { Plan } from '#domain/plan/plan.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import type { OfferWaveInput } from '#domain/ports/fleet.port.ts';
import { ensureJob, findJob, reopenOffers } from '../adapters/postgres/rollout-jobs.ts';
import { countTargets } from '../adapters/postgres/rollouts.ts';
import { checkFirmware } from '../runtime/check-firmware.ts';
import type { FleetWork } from './deps.ts';
import { approvedPlan } from '../runtime/approved-plan.ts';

export interface OpenWave {
  readonly plan: Plan;
  readonly jobSeq: number;
}

/**
 * Makes the wave's job and hands out again what a pause held. The firmware's bytes are read once more before the job
 * exists. Throws ARTIFACT_CORRUPT, OFFERS_WITHDRAWN, ROLLOUT_UNPREPARED.
 */
export async function openWave(work: FleetWork, input: OfferWaveInput): Promise<OpenWave> {
  const { run, wave } = input;
  const plan = await approvedPlan(work.pool, input);
  if (!(await countTargets(work.pool, run))) throw sluiceError('ROLLOUT_UNPREPARED', { run });
  const jobId = waveJobId(run as RunId, wave);
  if (!(await findJob(work.pool, jobId))) await refuseDamaged(work, plan);
  const { confirmation } = plan;
  const document = jobDocument(plan.firmware, confirmation, 'install');
  const job = await ensureJob(work.pool, { jobId, run, kind: { purpose: 'install', wave }, document, confirmation });
  if (job.status === 'cancelled') throw sluiceError('OFFERS_WITHDRAWN', { run, wave });
  await reopenOffers(work.pool, run);
  await work.reached?.('wave-opened');
  return { plan, jobSeq: job.seq };
}

async function refuseDamaged({ dataDirectory }: FleetWork, { firmware }: Plan): Promise<void> {
  const verdict = await checkFirmware(dataDirectory, firmware);
  if (verdict.kind === 'intact') return;
  throw sluiceError('ARTIFACT_CORRUPT', { name: firmware.name, version: firmware.version, why: verdict.why });
}
