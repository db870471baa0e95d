import { counted } from '#domain/counted.ts';
import type { RetireInput, WatchedOutcome } from '#domain/ports/release.port.ts';
import type { ContainerWork } from './deps.ts';
import { instancesOfRelease } from './instances.ts';
import { lookFirst } from './look-first.ts';
import { preparedRelease } from './release-work.ts';
import { retire } from './retire.ts';

/** Removes instances of the version before until `keep` are left, the highest replicas first. */
export async function retireInstances(work: ContainerWork, input: RetireInput): Promise<WatchedOutcome> {
  const release = await preparedRelease(work, input);
  const { before } = release;
  if (before === null) return { kind: 'done', summary: 'nothing served before', facts: {} };
  const leaving = (await instancesOfRelease(work, before)).slice(input.keep);
  const ill = leaving.length === 0 ? null : await lookFirst(release, input);
  if (ill) return ill;
  const { names, cut, ...times } = await retire(release, before, leaving);
  const said = cut > 0 ? `, ${counted(cut, 'request')} cut after ${before.spec.drainMs / 1000} s` : '';
  const summary = `${counted(names.length, 'instance')} of ${before.version} removed${said}`;
  return { kind: 'done', summary, facts: { removed: names, ...times, cut } };
}
