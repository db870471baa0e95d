import { setTimeout as pause } from 'node:timers/promises';
import type { Probe } from '#domain/containers/probe.ts';
import type { Replica } from '#domain/ports/container-engine.port.ts';
import { howItStands } from './instances.ts';
import { probeInstance, type ProbeAnswer, type ProbedInstance, type ProbeTools } from './probe-instance.ts';

/** How the wait for an instance ended; bad is a value. `seen` is its last answer, null when there was none. */
export type Readiness = Waited &
  ({ readonly kind: 'ready' } | { readonly kind: 'exited' | 'late'; readonly why: string });

interface Waited {
  readonly name: string;
  readonly asked: number;
  readonly tookMs: number;
  readonly seen: ProbeAnswer['seen'] | null;
}

export interface ReadyTools extends ProbeTools {
  /** Until then it has to be ready. */
  readonly withinMs: number;
  /** How the instance ended, in words; null while it runs. Asked four times a second; one that throws says nothing. */
  readonly howExited: (name: string) => Promise<string | null>;
}

/** A start takes some 300 ms: asking less often would be seen in every release. */
const ASK_EVERY_MS = 30;
/** Each of these is a process start inside the container. */
const ASK_INSIDE_EVERY_MS = 250;
const LOOK_FOR_EXIT_EVERY_MS = 250;

/**
 * Asks an instance until `healthyAfter` good answers came in a row, its time is over, or it has ended. A question that is
 * under way when time is over is cut short. Throws only when it was cancelled.
 */
export async function awaitReady(probe: Probe, instance: ProbedInstance, tools: ReadyTools): Promise<Readiness> {
  const over = new AbortController();
  const signal = AbortSignal.any([tools.signal, over.signal]);
  const wait: Wait = {
    probe,
    instance,
    tools: { ...tools, signal },
    startedAt: performance.now(),
    asked: 0,
    last: null,
  };
  const ready = askUntilReady(wait);
  const exited = watchForExit(wait);
  try {
    return await Promise.race([ready, exited]);
  } catch (error) {
    tools.signal.throwIfAborted();
    throw error;
  } finally {
    over.abort();
    // The one that lost ends by the abort; an engine that hangs is not waited for.
    for (const loser of [ready, exited]) loser.catch(() => undefined);
  }
}

interface Wait {
  readonly probe: Probe;
  readonly instance: ProbedInstance;
  readonly tools: ReadyTools;
  readonly startedAt: number;
  asked: number;
  last: ProbeAnswer | null;
}

async function askUntilReady(wait: Wait): Promise<Readiness> {
  const { probe, instance, tools } = wait;
  const { healthyAfter, timeoutMs } = probe.timing;
  const endsAt = wait.startedAt + tools.withinMs;
  for (let wellInARow = 0; ;) {
    const leftMs = Math.max(1, Math.ceil(endsAt - performance.now()));
    const bounded = { ...probe, timing: { ...probe.timing, timeoutMs: Math.min(timeoutMs, leftMs) } };
    const answer = await probeInstance(bounded, instance, tools);
    // One that was cut short says less than the one before it.
    if (answer.kind === 'well' || wait.last === null || performance.now() < endsAt) note(wait, answer);
    wellInARow = answer.kind === 'well' ? wellInARow + 1 : 0;
    if (wellInARow >= healthyAfter) return { kind: 'ready', ...waited(wait) };
    const everyMs = probe.kind === 'command' ? ASK_INSIDE_EVERY_MS : ASK_EVERY_MS;
    if (performance.now() + everyMs >= endsAt) return { kind: 'late', why: whyLate(wait), ...waited(wait) };
    await pause(everyMs, undefined, { signal: tools.signal });
  }
}

function note(wait: Wait, answer: ProbeAnswer): void {
  wait.asked += 1;
  wait.last = answer;
}

function whyLate({ last, tools }: Wait): string {
  const why = last?.kind === 'unwell' ? last.why : 'too few good answers in a row';
  return `not ready within ${tools.withinMs} ms: ${why}`;
}

async function watchForExit(wait: Wait): Promise<Readiness> {
  const { instance, tools } = wait;
  for (;;) {
    const why = await tools.howExited(instance.name).catch(() => null);
    if (why !== null) return { kind: 'exited', why, ...waited(wait) };
    await pause(LOOK_FOR_EXIT_EVERY_MS, undefined, { signal: tools.signal });
  }
}

const waited = ({ instance, startedAt, asked, last }: Wait): Waited => ({
  name: instance.name,
  asked,
  tookMs: Math.round(performance.now() - startedAt),
  seen: last?.seen ?? null,
});

/** `howExited` for all instances of a list at once: one look at the engine serves those who ask within 250 ms. */
export function sharedExitLook(list: () => Promise<readonly Replica[]>): ReadyTools['howExited'] {
  let latest: { readonly at: number; readonly replicas: Promise<readonly Replica[]> } | null = null;
  return async (name) => {
    const now = performance.now();
    if (latest === null || now - latest.at >= LOOK_FOR_EXIT_EVERY_MS - 1) latest = { at: now, replicas: list() };
    const replica = (await latest.replicas).find((one) => one.name === name);
    return replica ? exitOf(replica) : 'the container is gone';
  };
}

function exitOf(replica: Replica): string | null {
  const { state, exit } = replica;
  if (exit === null) return state === 'dead' ? 'the container is dead' : null;
  return howItStands(replica);
}
