import { setTimeout as pause } from 'node:timers/promises';
import { inState, withoutMembers } from '#domain/containers/route-changes.ts';
import { routeKey } from '#domain/containers/route.ts';
import { addMs } from '#domain/time.ts';
import type { ReleaseRow } from '../adapters/postgres/release-rows.ts';
import { applyRoute, changeRoute } from './change-route.ts';
import { inParallel } from './in-parallel.ts';
import type { Instance } from './instances.ts';
import { lapTimer } from './lap-timer.ts';
import { poll } from './poll.ts';
import type { ReleaseWork } from './release-work.ts';

const POLL_MS = 50;
/** A router that has just been told to send nothing new may still hand over what it had picked a member for. */
const SETTLE_MS = 20;

export interface Retired {
  readonly names: readonly string[];
  /** From the moment when nothing new came until nothing was under way. */
  readonly drainMs: number;
  /** To stop and remove them. */
  readonly stopMs: number;
  /** To tell the router. */
  readonly routedMs: number;
  /** Requests that were cut because the drain's time was over. */
  readonly cut: number;
}

/**
 * Takes instances of `owner` out of traffic, waits for what they have under way (bounded), stops and removes them. The router lets go
 * of an instance before it stops, and forgets its address before another container can get it.
 */
export async function retire(work: ReleaseWork, owner: ReleaseRow, instances: readonly Instance[]): Promise<Retired> {
  const names = instances.map(({ name }) => name);
  if (names.length === 0) return { names, drainMs: 0, stopMs: 0, routedMs: 0, cut: 0 };
  const sinceMs = lapTimer();
  await changeRoute(work, work.row, (route) => inState(route, names, 'drain'));
  const toldMs = sinceMs();
  const cut = await drain(work, owner, names);
  await work.reached?.('instances-drained');
  const drainMs = sinceMs();
  // One that has requests cut just now may be let go of a moment later; it gets none in any case.
  await changeRoute(work, work.row, (route) => withoutMembers(route, names));
  const forgottenMs = sinceMs();
  await inParallel(instances, (instance) => stop(work, owner, instance));
  await forgotten(work, names);
  await inParallel(instances, async ({ on, name }) => {
    await on.removeReplica(name, { signal: work.signal });
    await work.reached?.('container-removed');
  });
  return { names, drainMs, stopMs: sinceMs(), routedMs: toldMs + forgottenMs, cut };
}

/** Connections that kept an instance in the router have ended with it: its address is another container's soon. */
async function forgotten(work: ReleaseWork, names: readonly string[]): Promise<void> {
  const { members } = await work.router.observe(routeKey(work.row.environment, work.row.application));
  if (members.some(({ name }) => names.includes(name))) await applyRoute(work, work.row);
}

async function stop(work: ReleaseWork, { spec }: ReleaseRow, { on, name }: Instance): Promise<void> {
  await on.stopReplica(name, spec.container.stopGraceMs, { signal: work.signal });
  await work.reached?.('container-stopped');
  work.pulse.note({ stopped: name });
}

/** Result: requests that had to be cut. */
async function drain(work: ReleaseWork, { spec }: ReleaseRow, names: readonly string[]): Promise<number> {
  const key = routeKey(work.row.environment, work.row.application);
  await pause(SETTLE_MS, undefined, { signal: work.signal });
  const deadlineAt = addMs(new Date().toISOString(), spec.drainMs);
  const busy = async (): Promise<number> => {
    const { members } = await work.router.observe(key);
    const own = members.filter(({ name }) => names.includes(name));
    return own.reduce((sum, { inFlight }) => sum + inFlight, 0);
  };
  const done = await poll({ everyMs: POLL_MS, deadlineAt, signal: work.signal }, async () => {
    const left = await busy();
    work.pulse.note({ draining: names.length, underWay: left });
    return left === 0 ? 'drained' : null;
  });
  if (done !== null) return 0;
  const left = await busy();
  await work.router.cutSessions(key, names);
  return left;
}
