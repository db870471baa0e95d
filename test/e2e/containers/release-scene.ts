// What the files of this folder share: one stack, runs that are waited for, and requests that count every failure.
import { afterAll, beforeAll, expect, vi } from 'vitest';
import { main } from '../../../client/cli/main.ts';
import { isClosed, type Phase } from '#domain/run/run-state.ts';
import { LoadProcess } from '../../bench/containers/load/load-process.ts';
import type { WindowReport } from '../../bench/containers/load/load-report.ts';
import { total } from '../../bench/containers/measure/scene.ts';
import { ContainerStack, type Place } from '../../support/containers/container-stack.ts';
import { readReleasePosition, type ReleasePosition } from '../../support/containers/release-rows.ts';
import { eventually } from '../../support/eventually.ts';

/** A machine that is shared is slow; nothing waits for so long when all goes well. */
const DEADLINE_MS = 100_000;
const TEST_TIMEOUT_MS = 300_000;

export interface Scene {
  readonly stack: ContainerStack;
  /** Runs one command in this process, with `--output json`. */
  sluice(...argv: string[]): Promise<{ readonly exitCode: number; readonly answer: Record<string, unknown> }>;
  /** Brings `version` into the place and waits for the end, which has to be `phase`. The result is the run. */
  release(place: Place, version: string, config?: object, phase?: Phase): Promise<string>;
  until(run: string, what: string, holds: (position: ReleasePosition) => boolean): Promise<ReleasePosition>;
  untilClosed(run: string, phase: Phase): Promise<ReleasePosition>;
  /** Requests while `work` runs, and a little before: what came of them. */
  underLoad<T>(place: Place, work: () => Promise<T>): Promise<{ readonly result: T; readonly window: WindowReport }>;
  /** Expects that exactly the replicas of one version run and are served, and nothing else of the place is left. */
  expectServing(place: Place, version: string, replicas: number): Promise<void>;
}

/** A stack for the tests of one file. */
export function openReleaseScene(): Scene {
  vi.setConfig({ testTimeout: TEST_TIMEOUT_MS, hookTimeout: TEST_TIMEOUT_MS });
  let stack: ContainerStack | undefined;
  beforeAll(async () => void (stack = await ContainerStack.open()));
  afterAll(() => stack?.close());
  const scene: Scene = {
    get stack() {
      if (!stack) throw new Error('the stack is there in tests only');
      return stack;
    },
    sluice: (...argv) => runCommand(argv, scene.stack.env),
    release: async (place, version, config = {}, phase = 'completed') => {
      const { run } = await scene.stack.deploy(place, version, config);
      await scene.untilClosed(run, phase);
      return run;
    },
    until: (run, what, holds) => untilPosition(scene.stack, { run, what, holds }),
    untilClosed: async (run, phase) => {
      const end = await scene.until(run, 'its end', (one) => one.isClosed);
      expect(end.phase, end.journal.join(', ')).toBe(phase);
      return end;
    },
    underLoad: (place, work) => underLoad(place, work),
    expectServing: (place, version, replicas) => expectServing(scene.stack, place, { version, replicas }),
  };
  return scene;
}

async function runCommand(argv: readonly string[], env: NodeJS.ProcessEnv) {
  let [stdout, stderr] = ['', ''];
  const exitCode = await main([...argv, '--output', 'json'], {
    stdout: { write: (text) => void (stdout += text) },
    stderr: { write: (text) => void (stderr += text) },
    env,
  });
  try {
    return { exitCode, answer: JSON.parse(stdout) as Record<string, unknown> };
  } catch {
    throw new Error(`sluice ${argv.join(' ')} said no JSON: ${stdout}${stderr}`);
  }
}

interface Waiting {
  readonly run: string;
  readonly what: string;
  readonly holds: (position: ReleasePosition) => boolean;
}

function untilPosition({ pool }: ContainerStack, { run, what, holds }: Waiting): Promise<ReleasePosition> {
  return eventually(async () => {
    const position = await readReleasePosition(pool, run);
    if (holds(position)) return position;
    throw new Error(`not ${what}: it is ${position.phase} at ${position.step ?? 'no step'}`);
  }, DEADLINE_MS);
}

/** Kept and new connections, one request each at a time: nothing hides a failure. */
async function underLoad<T>({ port }: Place, work: () => Promise<T>) {
  const rates = { keepAliveConnections: 4, keepAlivePerSecond: 60, shortPerSecond: 20 };
  const load = await LoadProcess.start({
    host: '127.0.0.1',
    port,
    ...rates,
    streams: 1,
    webSockets: 0,
    longSeconds: 2,
  });
  try {
    load.begin('all');
    const result = await work();
    return { result, window: await load.end('all') };
  } finally {
    await load.stop();
  }
}

/** Requests of all kinds that failed, with the reasons of the first. */
export const failuresOf = (window: WindowReport) => ({ failed: total(window).failed, failures: window.failures });
export const NO_FAILURES = { failed: 0, failures: [] };

async function expectServing(
  stack: ContainerStack,
  place: Place,
  { version, replicas }: { readonly version: string; readonly replicas: number },
): Promise<void> {
  const containers = await stack.containers(place);
  const found = containers.map(({ Labels, State }) => `${Labels['sluice.version']} ${State}`);
  expect(found).toEqual(Array.from({ length: replicas }, () => `${version} running`));
  const { members } = await eventually(async () => {
    const route = await stack.router.observe(`${place.environment}.${place.application}`);
    if (!route.members.every(({ up }) => up)) throw new Error('not all members are up');
    return route;
  }, DEADLINE_MS);
  const names = containers.map(({ Names }) => Names[0]?.slice(1)).sort();
  expect(members.map(({ name }) => name).sort()).toEqual(names);
  const answer = (await (await fetch(`http://127.0.0.1:${place.port}/`)).json()) as { readonly version: string };
  expect(answer.version).toBe(version);
}

/** True for a run that is at its bake with this number or at a later one. */
export const isAtBake = ({ step, phase }: ReleasePosition): boolean =>
  !isClosed(phase) && step !== null && step.startsWith('bake-');
