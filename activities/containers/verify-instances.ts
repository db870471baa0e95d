import { routeKey } from '#domain/containers/route.ts';
import { counted } from '#domain/counted.ts';
import { ordinals } from '#domain/plan/container-steps.ts';
import type { ReleaseOutcome, VerifyInput, WatchedOutcome } from '#domain/ports/release.port.ts';
import { markShifted } from '../adapters/postgres/release-rows.ts';
import { badStable } from './bad-stable.ts';
import type { ContainerWork } from './deps.ts';
import { instancesOfRelease, nameOf } from './instances.ts';
import { joinInstances } from './join-instances.ts';
import { keepEvidence, type Complaint } from './keep-evidence.ts';
import { lookBefore } from './look-first.ts';
import { preparedRelease, type ReleaseWork } from './release-work.ts';

/**
 * Waits until instances are ready, then lets the router know them; among those in use they get traffic by that. One that
 * is not in time is a value, with its evidence.
 */
export async function verifyInstances(work: ContainerWork, input: VerifyInput): Promise<WatchedOutcome> {
  const release = await preparedRelease(work, input);
  const { row } = release;
  const isAmong = input.join === 'among';
  const members = isAmong ? await ownMembers(release) : [];
  const bad = isAmong && members.length === 0 ? await badStable(release, input.step) : null;
  if (bad) return bad;
  const present = await instancesOfRelease(work, row);
  const instances = present.filter(({ labels }) => input.replicas.includes(labels.replica));
  if (instances.length < input.replicas.length) return gone(release, input, instances.length);
  const grows = isAmong && instances.some(({ name }) => !members.includes(name));
  const { ill, deadlineAt } = await lookBefore(release, grows ? input : { ...input, look: null });
  if (ill) return ill;
  const onReady = (): Promise<void> => (grows ? markShifted(work.pool, input.run) : Promise.resolve());
  const joined = await joinInstances(release, { row, instances, arm: row.arm, deadlineAt, onReady });
  if (joined.kind === 'unwell') return unwell(release, input, joined.complaints);
  const { probedMs, routedMs, upMs } = joined;
  const summary = `${counted(instances.length, 'instance')} of ${row.version} ready`;
  return { kind: 'done', summary, facts: { probedMs, routedMs, upMs } };
}

/** Instances of the new version that the router knows. */
async function ownMembers({ router, row }: ReleaseWork): Promise<string[]> {
  const own = new Set(ordinals(row.spec.replicas).map((replica) => nameOf(row, replica)));
  const { members } = await router.observe(routeKey(row.environment, row.application));
  return members.map(({ name }) => name).filter((name) => own.has(name));
}

async function unwell(release: ReleaseWork, { step }: VerifyInput, complaints: readonly Complaint[]) {
  const [first] = complaints;
  const others = complaints.length > 1 ? ` (and ${complaints.length - 1} more)` : '';
  const summary = `${first?.instance.name ?? 'an instance'} of ${release.row.version}: ${first?.why ?? ''}${others}`;
  const evidence = await keepEvidence(release, step, { summary, complaints });
  return { kind: 'unhealthy', summary, evidence } as const;
}

async function gone({ row }: ReleaseWork, { replicas }: VerifyInput, found: number): Promise<ReleaseOutcome> {
  const summary = `${found} of ${replicas.length} instances of ${row.version} are there: somebody removed the others`;
  return { kind: 'unhealthy', summary, evidence: null };
}
