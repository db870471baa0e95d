import { setTimeout as delay } from 'node:timers/promises';
import { sluiceError } from '#domain/errors/failure.ts';
import type { InstanceLog } from '#domain/ports/container-operations.port.ts';
import { enginesOf } from '../containers/engines-of.ts';
import type { EngineDeps } from '../engine.ts';
import { loadEnvironment } from '../environments/load-environment.ts';
import { patientRead } from '../patient-read.ts';
import { findPlace, notDeployed } from './find-place.ts';
import { loadApplication } from './load-applications.ts';

export interface LogWish {
  readonly application: string;
  readonly environment: string | undefined;
  readonly instance: string | undefined;
  /** Of each instance. */
  readonly lines: number;
}

const FOLLOWED_EVERY_MS = 1_000;
const FOLLOWED_LINES = 500;

type ReadLogs = (lines: number) => Promise<InstanceLog[]>;

/** The last lines of each instance. Throws APPLICATION_UNKNOWN, APPLICATION_NOT_DEPLOYED, INSTANCE_UNKNOWN, STACK_NOT_RUNNING. */
export async function readApplicationLogs(deps: EngineDeps, wish: LogWish): Promise<InstanceLog[]> {
  const read = await readerOf(deps, wish);
  const logs = await read(wish.lines);
  if (logs.length > 0 || wish.instance === undefined) return logs;
  throw sluiceError('INSTANCE_UNKNOWN', { application: wish.application, instance: wish.instance });
}

/** A line of an instance. */
export interface LogLine {
  readonly instance: string;
  readonly line: string;
}

/** The same lines, and then each new one until `signal` is aborted. Instances may come and go meanwhile. */
export async function* followApplicationLogs(
  deps: EngineDeps,
  wish: LogWish,
  signal: AbortSignal,
): AsyncGenerator<LogLine> {
  const read = await readerOf(deps, wish);
  const known = new Map<string, readonly string[]>();
  while (!signal.aborted) {
    for (const { instance, lines } of await read(Math.max(wish.lines, FOLLOWED_LINES))) {
      const before = known.get(instance);
      const fresh = before === undefined ? lines.slice(-wish.lines) : newLines(before, lines);
      known.set(instance, lines);
      for (const line of fresh) yield { instance, line };
    }
    await delay(FOLLOWED_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

/**
 * What stands in `now` behind all of `before`: they overlap in the longest end of the one that begins the other.
 * @internal a rule with tests of its own
 */
export function newLines(before: readonly string[], now: readonly string[]): readonly string[] {
  for (let from = Math.max(0, before.length - now.length); from < before.length; from += 1) {
    const overlap = before.length - from;
    if (now.slice(0, overlap).every((line, at) => line === before[from + at])) return now.slice(overlap);
  }
  return now;
}

async function readerOf(deps: EngineDeps, wish: LogWish): Promise<ReadLogs> {
  const { application, instance = null } = wish;
  const place = await patientRead(deps, async (pool) => {
    await loadApplication(pool, application);
    return findPlace(pool, application, wish.environment);
  });
  if (place === null) throw notDeployed(application, wish.environment);
  const { environment } = place;
  const engines = enginesOf(deps.settings, await loadEnvironment(deps, environment));
  return (lines) => deps.containers.readLogs({ environment, engines, application, instance, lines });
}
