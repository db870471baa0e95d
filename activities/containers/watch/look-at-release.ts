import { afterLook, responseTimeMs, SIDES, type WatchMemory } from '#domain/containers/release-watch.ts';
import { routeKey } from '#domain/containers/route.ts';
import { ordinals } from '#domain/plan/container-steps.ts';
import type { ReplicaUsage } from '#domain/ports/container-engine.port.ts';
import type { Verdict, WatchInput } from '#domain/ports/watch.port.ts';
import { inTransaction } from '../../adapters/postgres/pool.ts';
import {
  insertSamples,
  lockWatchMemory,
  writeWatchMemory,
  type Sample,
} from '../../adapters/postgres/release-watches.ts';
import { lookAtHealth } from '../../runtime/look-at-health.ts';
import type { CheckTools } from '../../runtime/run-health-check.ts';
import type { ContainerWork } from '../deps.ts';
import { instancesOfRelease, nameOf, type Instance } from '../instances.ts';
import type { Complaint } from '../keep-evidence.ts';
import { findRelease, type ReleaseWork } from '../release-work.ts';
import { askInstances, countAnswers, type Asked } from './ask-instances.ts';
import { analysisBreach, instancesBreach, performanceBreach, rateBreach, reportsBreach } from './breaches.ts';
import { measureAnalysis, type Measurements } from './measure-analysis.ts';
import type { LookFacts } from './measure-metric.ts';
import { RESPONSE_TIME } from './standard-metrics.ts';

/** One look at all criteria of a release. A bad outcome is a value, with its evidence stored; throws when it could not be seen. */
export async function lookAtRelease(work: ContainerWork, input: WatchInput, tools: CheckTools): Promise<Verdict> {
  const release = await findRelease(work, input);
  return release === null ? { kind: 'healthy' } : lookAtPrepared(release, input, tools);
}

/** The same at a release that has been read. */
export async function lookAtPrepared(release: ReleaseWork, input: WatchInput, tools: CheckTools): Promise<Verdict> {
  const atMs = Date.now();
  const seen = await observe(release);
  // Before the memory is locked: an instance that is slow to answer keeps no other look waiting.
  const [asked, usage] = await Promise.all([askInstances(release, seen.fresh), usageOf(release, seen)]);
  const remembered = await inTransaction(release.pool, async (connection) => {
    const before = await lockWatchMemory(connection, input.run, new Date(atMs).toISOString());
    // Counters only grow: what another look has counted meanwhile must not be older than what this one counts.
    const members = await countedMembers(release);
    const look = await lookOnce(release, { before, members, asked, usage, atMs });
    await insertSamples(connection, input.run, { at: new Date(atMs).toISOString(), samples: look.samples });
    await writeWatchMemory(connection, input.run, look.memory);
    return look;
  });
  const found =
    (await instancesBreach(release, input, { unwell: remembered.unwell, gone: seen.gone })) ??
    (await rateBreach(release, input, remembered.memory)) ??
    (await analysisBreach(release, input, remembered)) ??
    (await performanceBreach(release, input)) ??
    (await reportsBreach(release, input));
  return found ?? lookAtHealth(release.pool, input, tools);
}

interface Seen {
  /** Those that have joined: one that is still starting cannot be well. */
  readonly fresh: readonly Instance[];
  /** Joined instances whose containers somebody removed. */
  readonly gone: readonly string[];
  readonly old: readonly Instance[];
}

async function observe(release: ReleaseWork): Promise<Seen> {
  const { row, before } = release;
  const [members, fresh, old] = await Promise.all([
    countedMembers(release),
    instancesOfRelease(release, row),
    before === null ? [] : instancesOfRelease(release, before),
  ]);
  const joined = new Set(members.filter(({ side }) => side === 'experiment').map(({ name }) => name));
  return {
    fresh: fresh.filter(({ name }) => joined.has(name)),
    gone: [...joined].filter((name) => !fresh.some((one) => one.name === name)),
    old,
  };
}

async function countedMembers({ row, router }: ReleaseWork): Promise<LookFacts['members']> {
  const own = new Set(ordinals(row.spec.replicas).map((replica) => nameOf(row, replica)));
  const { members } = await router.observe(routeKey(row.environment, row.application));
  return members.map(({ name, counters }) => ({ name, counters, side: own.has(name) ? 'experiment' : 'control' }));
}

interface Look {
  readonly memory: WatchMemory;
  readonly samples: readonly Sample[];
  readonly unwell: readonly Complaint[];
  readonly analysis: Measurements['verdict'];
}

interface Facts extends Pick<LookFacts, 'usage' | 'atMs' | 'members'> {
  readonly before: WatchMemory;
  readonly asked: readonly Asked[];
}

const NOT_JUDGED: Measurements = { loops: {}, samples: [], verdict: { kind: 'running', reasons: [] } };

async function lookOnce(release: ReleaseWork, { before, members, asked, usage, atMs }: Facts): Promise<Look> {
  const counted = afterLook(before, members);
  const { unwell, badAnswers } = countAnswers(release, asked, before.badAnswers);
  const facts: LookFacts = {
    members,
    totals: counted.totals,
    versions: { experiment: release.row.version, control: release.before?.version ?? null },
    usage,
    cpuBefore: before.cpu,
    atMs,
    signal: release.signal,
  };
  const { analysis } = release.plan;
  const measured = analysis === null ? NOT_JUDGED : await measureAnalysis(analysis, counted, facts);
  const cpu = Object.fromEntries(
    SIDES.flatMap((side) => usage[side]).map(({ name, cpuNs, at }) => [name, { cpuNs, at }]),
  );
  return {
    memory: { ...counted, badAnswers, loops: measured.loops, cpu },
    samples: [...responseTimes(members), ...measured.samples],
    unwell,
    analysis: measured.verdict,
  };
}

const responseTimes = (members: LookFacts['members']): Sample[] =>
  SIDES.map((side) => ({ metric: RESPONSE_TIME, side, value: responseTimeMs(members, side) }));

async function usageOf({ plan }: ReleaseWork, { fresh, old }: Seen): Promise<LookFacts['usage']> {
  const isAsked = plan.analysis?.metrics.some(({ provider }) => provider.type === 'container_stats') ?? false;
  if (!isAsked) return { experiment: [], control: [] };
  const [experiment, control] = await Promise.all([fresh, old].map(usageOfAll));
  return { experiment: experiment ?? [], control: control ?? [] };
}

async function usageOfAll(instances: readonly Instance[]): Promise<ReplicaUsage[]> {
  const engines = [...new Set(instances.map(({ on }) => on))];
  const usage = await Promise.all(
    engines.map((engine) => engine.usage(instances.filter(({ on }) => on === engine).map(({ name }) => name))),
  );
  return usage.flat();
}
