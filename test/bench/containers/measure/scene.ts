// One strategy under load: quiet, forward, back, and the verdict of the clients.
import { setTimeout as pause } from 'node:timers/promises';
import { LoadProcess } from '../load/load-process.ts';
import { REQUEST_KINDS, type KindCounts, type LoadOptions, type WindowReport } from '../load/load-report.ts';
import type { Split } from './stopwatch.ts';

const LOOK_EVERY_MS = 2_000;
const BETWEEN_MS = 1_000;
const LONGEST_MS = 300_000;

export interface SceneOptions {
  readonly load: LoadOptions;
  /** Before the first deployment, for comparison. */
  readonly steadyMs: number;
  /** The load goes on after the deployments until as many requests have been answered. */
  readonly minimumRequests: number;
  forward(): Promise<Split>;
  back(): Promise<Split>;
}

export interface Leg {
  readonly split: Split;
  readonly window: WindowReport;
}

export interface SceneResult {
  readonly steady: WindowReport;
  readonly forward: Leg;
  readonly back: Leg;
  /** From the first request to the end of the last stream. */
  readonly whole: WindowReport;
}

/** Plays it with a process of requests of its own. */
export async function playScene({
  load,
  steadyMs,
  minimumRequests,
  forward,
  back,
}: SceneOptions): Promise<SceneResult> {
  const requests = await LoadProcess.start(load);
  try {
    requests.begin('whole');
    const steady = await during(requests, 'steady', () => pause(steadyMs));
    const there = await during(requests, 'forward', forward);
    // Requests that were held look for their release every 10 ms: the next hold must not come before.
    await pause(BETWEEN_MS);
    const again = await during(requests, 'back', back);
    await runOn(requests, minimumRequests, [steady, there, again]);
    const whole = (await requests.stop()).find(({ name }) => name === 'whole');
    if (whole === undefined) throw new Error('the process of requests ended without a report');
    return {
      steady: steady.window,
      forward: { split: there.result, window: there.window },
      back: { split: again.result, window: again.window },
      whole,
    };
  } finally {
    await requests.stop();
  }
}

/** All kinds together, without latencies: those of streams and of short requests are not alike. */
export function total({ kinds }: WindowReport): Omit<KindCounts, 'latency'> {
  const sum = (count: (kind: KindCounts) => number) => REQUEST_KINDS.reduce((n, kind) => n + count(kinds[kind]), 0);
  return {
    requests: sum(({ requests }) => requests),
    failed: sum(({ failed }) => failed),
    races: sum(({ races }) => races),
    slow: sum(({ slow }) => slow),
  };
}

interface During<T> {
  readonly result: T;
  readonly window: WindowReport;
}

async function during<T>(requests: LoadProcess, name: string, act: () => Promise<T>): Promise<During<T>> {
  requests.begin(name);
  const result = await act();
  return { result, window: await requests.end(name) };
}

async function runOn(requests: LoadProcess, minimum: number, before: readonly During<unknown>[]): Promise<void> {
  let answered = before.reduce((sum, { window }) => sum + total(window).requests, 0);
  const deadline = performance.now() + LONGEST_MS;
  while (answered < minimum && performance.now() < deadline) {
    const { window } = await during(requests, 'after', () => pause(LOOK_EVERY_MS));
    answered += total(window).requests;
  }
}
