import { jobDocument } from '#domain/fleet/job-document.ts';
import type { SlotOperation } from '#domain/fleet/slot-operation.ts';
import { operationOf } from '#domain/fleet/waves.ts';
import { waveJobId, type RunId } from '#domain/ids.ts';
import type { FleetPlan } from '#domain/plan/plan.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import type { OfferWaveInput } from '#domain/ports/fleet.port.ts';
import { takeUpOffers } from '../adapters/postgres/offers.ts';
import { inTransaction } from '../adapters/postgres/pool.ts';
import { ensureJob, findJob } from '../adapters/postgres/rollout-jobs.ts';
import { checkFirmware } from '../runtime/check-firmware.ts';
import { thisAttempt } from './decider.ts';
import type { FleetWork } from './deps.ts';
import { approvedFleetPlan } from '../runtime/approved-plan.ts';

export interface OpenWave {
  readonly plan: FleetPlan;
  readonly jobSeq: number;
  readonly operation: SlotOperation;
}

/**
 * Makes the wave's job and hands out again what a pause held, unless the run was stopped or paused since this was scheduled.
 * The firmware's bytes are read once more before the job exists, unless the devices have them. Throws ARTIFACT_CORRUPT, OFFERS_WITHDRAWN, ROLLOUT_UNPREPARED.
 */
export async function openWave(work: FleetWork, input: OfferWaveInput): Promise<OpenWave> {
  const { run, wave } = input;
  const plan = await approvedFleetPlan(work.pool, input);
  const jobId = waveJobId(run as RunId, wave);
  const operation = operationOf(plan.waves[wave - 1]);
  if (operation !== 'activate' && !(await findJob(work.pool, jobId))) await refuseDamaged(work, plan);
  const { confirmation } = plan;
  const document = jobDocument(plan.firmware, confirmation, 'install', operation);
  const job = await inTransaction(work.pool, async (connection) => {
    const status = await takeUpOffers(connection, run, thisAttempt());
    if (status === null) throw sluiceError('ROLLOUT_UNPREPARED', { run });
    if (status === 'stopped') throw sluiceError('OFFERS_WITHDRAWN', { run, wave });
    return ensureJob(connection, { jobId, run, kind: { purpose: 'install', wave }, status, document, confirmation });
  });
  await work.reached?.('wave-opened');
  return { plan, jobSeq: job.seq, operation };
}

async function refuseDamaged({ dataDirectory }: FleetWork, { firmware }: FleetPlan): Promise<void> {
  const verdict = await checkFirmware(dataDirectory, firmware);
  if (verdict.kind === 'intact') return;
  throw sluiceError('ARTIFACT_CORRUPT', { name: firmware.name, version: firmware.version, why: verdict.why });
}
