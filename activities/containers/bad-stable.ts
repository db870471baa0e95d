import { routeKey } from '#domain/containers/route.ts';
import { ordinals } from '#domain/plan/container-steps.ts';
import type { ReleaseOutcome } from '#domain/ports/release.port.ts';
import { instancesOfRelease, nameOf } from './instances.ts';
import { keepEvidence } from './keep-evidence.ts';
import type { ReleaseWork } from './release-work.ts';

/**
 * A version in use of which the router finds an instance down, where the plan says to stop then; null to go on. What makes
 * the old version fail may do the same to the new one, and there would be no good way back.
 */
export async function badStable(release: ReleaseWork, step: string): Promise<ReleaseOutcome | null> {
  const { plan, row, before, router } = release;
  if (plan.rules.badStable !== 'stop' || before === null) return null;
  const own = new Set(ordinals(before.spec.replicas).map((replica) => nameOf(before, replica)));
  const { members } = await router.observe(routeKey(row.environment, row.application));
  const down = members.filter(({ name, state, up }) => own.has(name) && state === 'ready' && !up);
  if (down.length === 0) return null;
  const names = down.map(({ name }) => name);
  const verb = names.length === 1 ? 'is' : 'are';
  const which = `${names.join(', ')} of ${before.version}, the version in use, ${verb} down`;
  const summary = `no traffic to ${row.version}: ${which} (on_bad_stable: stop)`;
  const instances = await instancesOfRelease(release, before);
  const complaints = instances
    .filter(({ name }) => names.includes(name))
    .map((instance) => ({ instance, why: 'the router does not find it up', seen: null }));
  return { kind: 'unhealthy', summary, evidence: await keepEvidence(release, step, { summary, complaints }) };
}
