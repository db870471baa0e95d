import { judge } from '#domain/analysis/judge.ts';
import { counted } from '#domain/counted.ts';
import { failedPercent, type WatchMemory } from '#domain/containers/release-watch.ts';
import type { Verdict, WatchInput } from '#domain/ports/watch.port.ts';
import { insertEvidence } from '../../adapters/postgres/evidence.ts';
import { countReports, readSamples } from '../../adapters/postgres/release-watches.ts';
import { shiftedAt } from '../../adapters/postgres/release-rows.ts';
import { keepEvidence, type Complaint } from '../keep-evidence.ts';
import type { ReleaseWork } from '../release-work.ts';
import type { Measurements } from './measure-analysis.ts';
import { performanceRules, RESPONSE_TIME } from './standard-metrics.ts';

const STEP = 'watch';
/** Fewer values on a side say nothing about a difference. */
const LEAST_SAMPLES = 10;

type Found = Exclude<Verdict, { kind: 'healthy' }> | null;

/** Instances that do not do what they should: they answer badly, have ended, or their containers are gone. */
interface Ill {
  readonly unwell: readonly Complaint[];
  readonly gone: readonly string[];
}

export async function instancesBreach(
  release: ReleaseWork,
  { watch }: WatchInput,
  { unwell, gone }: Ill,
): Promise<Found> {
  const said = [
    ...unwell.map(({ instance, why }) => ({ name: instance.name, why })),
    ...gone.map((name) => ({ name, why: 'the container is gone' })),
  ];
  const [first] = said;
  if (first === undefined || !watch.criteria.onHealthCheckFailure) return null;
  const others = said.length > 1 ? ` (and ${said.length - 1} more)` : '';
  const summary = `${first.name} of ${release.row.version}: ${first.why}${others}`;
  const evidence = await keepEvidence(release, STEP, { summary, complaints: unwell });
  return { kind: 'unhealthy', criterion: 'health-check', summary, evidence };
}

/** Failed requests of the new version in percent of those that it answered. */
export async function rateBreach(release: ReleaseWork, { watch }: WatchInput, { totals }: WatchMemory): Promise<Found> {
  const { maxFailureRatePercent: limit, minimumExecuted } = watch.criteria;
  const rate = failedPercent(totals.experiment);
  if (limit === null || rate === null || rate <= limit || totals.experiment.requests < minimumExecuted) return null;
  const { failed, requests } = totals.experiment;
  const summary = `failure rate ${tenths(rate)} % > ${limit} %: ${failed} of ${requests} requests to ${release.row.version} failed`;
  const evidence = await keep(release, { summary, totals });
  return { kind: 'unhealthy', criterion: 'failure-rate', failureRatePercent: rate, summary, evidence };
}

export async function analysisBreach(
  release: ReleaseWork,
  { watch }: WatchInput,
  { analysis, memory }: { readonly analysis: Measurements['verdict']; readonly memory: WatchMemory },
): Promise<Found> {
  const why = analysis.reasons.join('; ');
  if (analysis.kind === 'running' || watch.criteria.onAnalysis === false) return null;
  if (analysis.kind === 'inconclusive') return { kind: 'inconclusive', why: `analysis: ${why}` };
  const summary = `analysis failed: ${why}`;
  return {
    kind: 'unhealthy',
    criterion: 'analysis',
    summary,
    evidence: await keep(release, { summary, loops: memory.loops }),
  };
}

/** Slower than the version beside it by more than the criterion allows, since traffic moved last. */
export async function performanceBreach(release: ReleaseWork, { watch }: WatchInput): Promise<Found> {
  const { performanceDegradationPercent: limit } = watch.criteria;
  if (limit === undefined || release.before === null) return null;
  const from = await shiftedAt(release.pool, release.ref.run);
  if (from === null) return null;
  const window = { from, until: new Date().toISOString() };
  const all = await readSamples(release.pool, release.ref.run, window);
  const samples = { [RESPONSE_TIME]: all[RESPONSE_TIME] ?? { experiment: [], control: [] } };
  const { experiment, control } = samples[RESPONSE_TIME] ?? { experiment: [], control: [] };
  if (Math.min(numbersOf(experiment), numbersOf(control)) < LEAST_SAMPLES) return null;
  const verdict = judge(performanceRules(limit), { window, samples });
  const [metric] = verdict.metrics;
  if (metric?.classification !== 'High') return null;
  const worse = metric.effect === null ? '' : ` by ${tenths((metric.effect - 1) * 100)} %`;
  const summary = `${release.row.version} answers slower${worse} than ${release.before.version}: more than ${limit} %`;
  return { kind: 'unhealthy', criterion: 'performance', summary, evidence: await keep(release, { summary, verdict }) };
}

const numbersOf = (values: readonly (number | null)[]): number => values.filter((value) => value !== null).length;

export async function reportsBreach(release: ReleaseWork, { run, watch }: WatchInput): Promise<Found> {
  const { userReportedIssues: limit } = watch.criteria;
  if (limit === undefined) return null;
  const reports = await countReports(release.pool, run);
  if (reports < Math.max(1, limit)) return null;
  const summary = `${counted(reports, 'issue')} reported by users of ${release.row.version} (limit ${limit})`;
  return { kind: 'unhealthy', criterion: 'user-reports', summary, evidence: await keep(release, { summary, reports }) };
}

const keep = (release: ReleaseWork, body: Record<string, unknown>): Promise<string> =>
  insertEvidence(release.pool, { run: release.ref.run, step: STEP, body });

const tenths = (value: number): number => Math.round(value * 10) / 10;
