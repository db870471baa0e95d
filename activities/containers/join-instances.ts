import { withMembers } from '#domain/containers/route-changes.ts';
import { routeKey, type Arm, type RouteMember } from '#domain/containers/route.ts';
import type { Iso } from '#domain/time.ts';
import type { ReleaseRow } from '../adapters/postgres/release-rows.ts';
import { awaitReady, sharedExitLook, type Readiness } from './await-ready.ts';
import { changeRoute } from './change-route.ts';
import { howItStands, instancesOfRelease, type Instance } from './instances.ts';
import type { Complaint } from './keep-evidence.ts';
import { lapTimer } from './lap-timer.ts';
import { poll } from './poll.ts';
import type { ReleaseWork } from './release-work.ts';

/** Each member has the same share of its backend. */
const MEMBER_WEIGHT = 100;
const POLL_MS = 20;

export interface Joining {
  readonly row: ReleaseRow;
  readonly instances: readonly Instance[];
  readonly arm: Arm;
  readonly deadlineAt: Iso;
  /** Called when all are ready, before the router hears of them. */
  readonly onReady?: () => Promise<void>;
}

/** `probedMs`: until all were ready by their own probe; `routedMs`: until the router knew them; `upMs`: until it had found them up as well. */
export type Joined =
  | { readonly kind: 'joined'; readonly probedMs: number; readonly routedMs: number; readonly upMs: number }
  | { readonly kind: 'unwell'; readonly complaints: readonly Complaint[] };

/** Lets the router know instances, once each has proved that it is ready; it has found them up when this returns. */
export async function joinInstances(work: ReleaseWork, joining: Joining): Promise<Joined> {
  const sinceMs = lapTimer();
  const complaints = await unready(work, joining);
  if (complaints.length > 0) return { kind: 'unwell', complaints };
  await joining.onReady?.();
  await work.reached?.('instances-ready');
  const probedMs = sinceMs();
  const members = joining.instances.map((instance) => memberOf(instance, joining.arm));
  await changeRoute(work, work.row, (route) => withMembers(route, members));
  const routedMs = sinceMs();
  const down = await awaitUp(work, joining);
  if (down.length > 0) return { kind: 'unwell', complaints: down };
  return { kind: 'joined', probedMs, routedMs, upMs: sinceMs() };
}

function memberOf({ name, address }: Instance, arm: Arm): RouteMember {
  if (address === null) throw new Error(`${name} has no address`);
  return { name, arm, ...address, weight: MEMBER_WEIGHT, state: 'ready' };
}

async function unready(work: ReleaseWork, { row, instances, deadlineAt }: Joining): Promise<Complaint[]> {
  const { signal } = work;
  const withinMs = Math.max(1, Date.parse(deadlineAt) - Date.now());
  const howExited = sharedExitLook(() => instancesOfRelease(work, row));
  const found = await Promise.all(
    instances.map(async (instance): Promise<readonly [Instance, Readiness | null]> => {
      const { name, address, on: engine } = instance;
      if (address === null) return [instance, null];
      return [
        instance,
        await awaitReady(row.spec.readiness, { name, ...address }, { engine, signal, withinMs, howExited }),
      ];
    }),
  );
  return found.flatMap(([instance, readiness]): Complaint[] => {
    if (readiness === null) return [{ instance, why: howItStands(instance), seen: null }];
    if (readiness.kind === 'ready') return [];
    const { why, seen, asked, tookMs } = readiness;
    return [{ instance, why, seen: { asked, tookMs, lastAnswer: seen } }];
  });
}

/** The router's own check has to agree: what only we reach would answer nobody. */
async function awaitUp(work: ReleaseWork, { row, instances, deadlineAt }: Joining): Promise<Complaint[]> {
  const key = routeKey(row.environment, row.application);
  const names = instances.map(({ name }) => name);
  const down = async (): Promise<string[]> => {
    const { members } = await work.router.observe(key);
    const up = new Set(members.filter((one) => one.up).map(({ name }) => name));
    return names.filter((name) => !up.has(name));
  };
  const allUp = await poll({ everyMs: POLL_MS, deadlineAt, signal: work.signal }, async () =>
    (await down()).length === 0 ? 'up' : null,
  );
  if (allUp !== null) return [];
  const missing = new Set(await down());
  return instances
    .filter(({ name }) => missing.has(name))
    .map((instance) => ({ instance, why: 'the router does not find it up', seen: null }));
}
