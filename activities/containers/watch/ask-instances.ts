import type { WatchMemory } from '#domain/containers/release-watch.ts';
import { howItStands, type Instance } from '../instances.ts';
import type { Complaint } from '../keep-evidence.ts';
import { probeInstance } from '../probe-instance.ts';
import type { ReleaseWork } from '../release-work.ts';

/** What one instance said to its liveness probe; a look counts how often in a row it was bad. */
export type Asked =
  | { readonly kind: 'well'; readonly name: string }
  | { readonly kind: 'bad' | 'ended'; readonly name: string; readonly complaint: Complaint };

/** Asks each instance by its liveness probe. */
export function askInstances({ row, signal }: ReleaseWork, instances: readonly Instance[]): Promise<readonly Asked[]> {
  return Promise.all(
    instances.map(async (instance): Promise<Asked> => {
      const { name, state, address, exit, on: engine } = instance;
      if (state !== 'running' || address === null) {
        return { kind: 'ended', name, complaint: { instance, why: howItStands(instance), seen: exit } };
      }
      const answer = await probeInstance(row.spec.liveness, { name, ...address }, { engine, signal });
      if (answer.kind === 'well') return { kind: 'well', name };
      const { why, seen } = answer;
      return { kind: 'bad', name, complaint: { instance, why, seen } };
    }),
  );
}

/** Instances that are not well, and how often in a row each has answered badly. */
interface Counted {
  readonly unwell: readonly Complaint[];
  readonly badAnswers: WatchMemory['badAnswers'];
}

/** One that has ended is unwell at once, one that answers badly after some looks. */
export function countAnswers(
  { row }: ReleaseWork,
  asked: readonly Asked[],
  before: WatchMemory['badAnswers'],
): Counted {
  const { unhealthyAfter } = row.spec.liveness.timing;
  const counted = asked.flatMap((one) => {
    if (one.kind === 'well') return [];
    const bad = one.kind === 'ended' ? unhealthyAfter : (before[one.name] ?? 0) + 1;
    return [{ ...one, bad }];
  });
  return {
    unwell: counted.filter(({ bad }) => bad >= unhealthyAfter).map(({ complaint }) => complaint),
    badAnswers: Object.fromEntries(counted.map(({ name, bad }) => [name, bad])),
  };
}
