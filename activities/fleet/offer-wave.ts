import { Context } from '@temporalio/activity';
import type { WaveCounts } from '#domain/fleet/counts.ts';
import { describeFailureRate, judgeOffer, type OfferStanding, type OfferVerdict } from '#domain/fleet/judge-offer.ts';
import { describeStall, stallOf, type Stillness } from '#domain/fleet/progress.ts';
import { failureRatePercent } from '#domain/fleet/thresholds.ts';
import type { OfferWaveInput, WaveOutcome } from '#domain/ports/fleet.port.ts';
import { failureExamples, waitedForExamples } from '../adapters/postgres/failure-examples.ts';
import { insertEvidence } from '../adapters/postgres/evidence.ts';
import { decideOffers } from '../adapters/postgres/offers.ts';
import { installJobs } from '../adapters/postgres/rollout-jobs.ts';
import { readStanding } from '../adapters/postgres/rollout-counts.ts';
import { countSkipped } from '../adapters/postgres/rollouts.ts';
import { isStopAsked } from '../runtime/heartbeat.ts';
import { ridingOut, ridingOutCancelled } from '../runtime/ride-out.ts';
import { admitLateJoiners } from './admit-late-joiners.ts';
import { thisAttempt } from './decider.ts';
import { nowMs, type FleetWork } from './deps.ts';
import { openWave, type OpenWave } from './open-wave.ts';
import { releaseTargets } from './release-targets.ts';
import { skipTargets } from './skip-targets.ts';
import { TickPace } from './tick-pace.ts';
import { WaveProgress } from './wave-progress.ts';

const EXAMPLES = 5;
const EXAMPLES_IN_EVIDENCE = 50;
const LOOK_FOR_JOINERS_EVERY_MS = 3_000;

/**
 * Releases the wave under the rate limit and watches it to its end. Everything it knows stands in the database, so an
 * attempt after a kill goes on where the last one was. Stopped by its run it first holds what is queued.
 */
export async function offerWave(work: FleetWork, input: OfferWaveInput): Promise<WaveOutcome> {
  const wave = await ridingOut(work, () => openWave(work, input));
  try {
    const ended = await untilItEnds(work, input, wave);
    return await ridingOut(work, () => conclude(work, input, ended));
  } catch (error) {
    // Another attempt may already run when this one is only given up: it must not be held by a ghost.
    if (isStopAsked()) await hold(work, input.run);
    throw error;
  }
}

interface Ended {
  readonly verdict: Exclude<OfferVerdict, 'wait'>;
  readonly standing: OfferStanding;
  readonly still: Stillness;
}

async function untilItEnds(work: FleetWork, input: OfferWaveInput, wave: OpenWave): Promise<Ended> {
  const pace = new TickPace();
  const progress = new WaveProgress(Context.current().info.heartbeatDetails);
  let lookedForJoinersAt = -Infinity;
  let mayRelease = true;
  for (;;) {
    // Who joins after the staging has nothing to activate.
    const mayJoin = wave.operation !== 'activate';
    if (mayJoin && performance.now() - lookedForJoinersAt >= LOOK_FOR_JOINERS_EVERY_MS) {
      await ridingOut(work, () => admitLateJoiners(work, input.run, wave.plan));
      await skipTargets(work, { run: input.run, wave: input.wave, plan: wave.plan });
      lookedForJoinersAt = performance.now();
      mayRelease = true;
    }
    const released = mayRelease ? await ridingOut(work, () => releaseTargets(work, { ...input, ...wave })) : 0;
    const standing = await ridingOut(work, () => readStanding(work.pool, input.run, input.wave));
    const still = progress.look(standing.wave, new Date(nowMs(work)).toISOString());
    work.pulse.note({ wave: input.wave, ...standing.wave, unreleased: standing.unreleased, still });
    // With nobody left, only the next look for joiners can bring somebody.
    mayRelease = standing.unreleased > 0;
    const isPastDeadline = nowMs(work) >= Date.parse(input.deadlineAt);
    const isStill = still.stillMs >= (input.progressDeadlineMs ?? Infinity);
    const verdict = judgeOffer(standing, { ...input, isPastDeadline, isStill });
    if (verdict !== 'wait') return { verdict, standing, still };
    const isReleasing = released > 0 && input.maximumPerMinute === null && standing.unreleased > 0;
    await Context.current().sleep(pace.next(isReleasing ? 'at-once' : 'settling', standing));
  }
}

async function conclude(work: FleetWork, input: OfferWaveInput, ended: Ended): Promise<WaveOutcome> {
  const { run, wave, criteria } = input;
  const { verdict, standing } = ended;
  if (verdict === 'breach' || verdict === 'stalled') await hold(work, run);
  const jobs = await installJobs(work.pool, run);
  const seen = await failureExamples(work.pool, jobs, EXAMPLES_IN_EVIDENCE);
  const examples = seen.slice(0, EXAMPLES);
  const skipped = (await countSkipped(work.pool, run)).get(wave) ?? 0;
  const counts: WaveCounts = { ...standing.wave, skipped };
  const { unreleased } = standing;
  const rest = { counts, unreleased, examples };
  if (verdict === 'stalled') return { kind: verdict, ...rest, ...(await keepStall(work, input, ended)) };
  if (verdict !== 'breach') return { kind: verdict, ...rest };
  const summary = describeFailureRate(standing.run, criteria);
  const body = { summary, criteria, wave: counts, run: standing.run, unreleased, examples: seen };
  const evidence = await insertEvidence(work.pool, { run, step: `wave ${wave}`, body });
  const rate = failureRatePercent(standing.run);
  return { kind: 'breach', ...rest, summary, evidence, failureRatePercent: rate };
}

/** The deadline, since when nothing moved, and for whom the wave waits. */
async function keepStall(work: FleetWork, input: OfferWaveInput, { standing, still }: Ended) {
  const { run, wave, progressDeadlineMs: deadlineMs = 0 } = input;
  const stall = stallOf(still, deadlineMs, standing);
  const summary = describeStall(wave, stall);
  const waitedFor = await waitedForExamples(work.pool, await installJobs(work.pool, run), EXAMPLES_IN_EVIDENCE);
  const body = { summary, ...stall, unreleased: standing.unreleased, counts: standing.wave, examples: waitedFor };
  return { summary, evidence: await insertEvidence(work.pool, { run, step: `wave ${wave}`, body }) };
}

async function hold(work: FleetWork, run: string): Promise<void> {
  await ridingOutCancelled(work, () => decideOffers(work.pool, run, 'held', thisAttempt()));
  await work.reached?.('offers-held');
}
