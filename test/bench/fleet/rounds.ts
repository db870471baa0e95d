import { ulid } from 'ulid';
import { handedOut, jobDocument } from '#domain/fleet/job-document.ts';
import type { JobInfo } from '#domain/fleet/job-execution.ts';
import { waveJobId, type RunId } from '#domain/ids.ts';
import { byOrder, targetOrder } from '../../../activities/fleet/target-order.ts';
import { startGatewayProcess } from '../../support/gateway/gateway-process.ts';
import type { BenchWorld } from './bench-world.ts';
import { Child } from './child.ts';
import type { CrowdMeasurement, CrowdOrder } from './crowd-messages.ts';
import { planRollout, runDurable, type DurableEnd } from './durable-rollout.ts';
import { usageOf, type Usage } from './process-usage.ts';
import type { RawGatewayOrder } from './raw-gateway.main.ts';

const PARTS = ['broker', 'gateway', 'simulators', 'postgres', 'worker', 'temporal'] as const;
export type Part = (typeof PARTS)[number];

export interface Round {
  readonly kind: 'raw' | 'durable';
  readonly devicesPerSecond: number;
  readonly answerLatencyMs: CrowdMeasurement['answerLatencyMs'];
  readonly repeats: number;
  readonly cpuMsPerDevice: Readonly<Record<Part, number>>;
  readonly rssMb: Readonly<Record<Part, number>>;
  /** Null for the raw loop. */
  readonly run: DurableEnd | null;
}

export type Crowd = Child<CrowdOrder>;

/** The loop without durability: the gateway keeps executions in its memory. */
export async function rawRound(world: BenchWorld, crowd: Crowd, version: string): Promise<Round> {
  const run = `exe_${ulid()}` as RunId;
  const job = await installJob(world, run, version);
  const things = inOrderOf(run, world.things);
  const gateway = Child.start<RawGatewayOrder>('./raw-gateway.main.ts');
  try {
    const serving = gateway.next((message) => message === 'serving');
    gateway.send({
      kind: 'serve',
      url: world.settings.mqttUrl,
      key: world.key.toString('base64'),
      things: world.things,
    });
    await serving;
    return await measure(world, crowd, gateway.pid, async () => {
      gateway.send({ kind: 'release', job, things });
      return null;
    });
  } finally {
    await gateway.end();
  }
}

/** The job that a rollout of `version` has, as the gateway hands it out. */
async function installJob(world: BenchWorld, run: RunId, version: string): Promise<JobInfo> {
  const { firmware, confirmation } = await planRollout(world, version);
  const stored = jobDocument(firmware, confirmation, 'install');
  return {
    seq: 1,
    jobId: waveJobId(run, 1),
    version,
    document: handedOut(stored, `${world.settings.httpUrl}/artifacts`),
    inProgressTimeoutMs: confirmation.inProgressTimeoutMs,
    confirmWithinMs: confirmation.confirmWithinMs,
    confirm: confirmation.mode,
  };
}

/** As a rollout would offer to them: neighbours in a list, and in everybody's memory, are no neighbours there. */
const inOrderOf = (run: RunId, things: readonly string[]): string[] =>
  things
    .map((thing) => ({ thing, order: targetOrder(run, thing) }))
    .toSorted(byOrder)
    .map(({ thing }) => thing);

/** The shipped gateway, and a rollout by the engine. */
export async function durableRound(world: BenchWorld, crowd: Crowd, version: string): Promise<Round> {
  const gateway = await startGatewayProcess(world.settings, { env: world.environment });
  try {
    return await measure(world, crowd, gateway.pid, () => runDurable(world, version));
  } finally {
    await gateway.stop();
  }
}

async function measure(
  world: BenchWorld,
  crowd: Crowd,
  gatewayPid: number,
  roll: () => Promise<DurableEnd | null>,
): Promise<Round> {
  const { broker, postgres, worker, temporal } = world.servers;
  const pids = { broker, postgres, worker, temporal, gateway: { pid: gatewayPid }, simulators: crowd };
  const look = (): Record<Part, Usage> =>
    Object.fromEntries(PARTS.map((part) => [part, usageOf(pids[part].pid)])) as Record<Part, Usage>;
  const measuring = crowd.next((message) => kindOf(message) === 'measuring');
  crowd.send({ kind: 'measure' });
  await measuring;
  const before = look();
  const done = crowd.next<CrowdMeasurement>((message) => kindOf(message) === 'done');
  const [measured, run] = await Promise.all([done, roll()]);
  const after = look();
  const devices = world.things.length;
  return {
    kind: run === null ? 'raw' : 'durable',
    devicesPerSecond: Math.round((devices / measured.durationMs) * 1_000),
    answerLatencyMs: measured.answerLatencyMs,
    repeats: measured.repeats,
    cpuMsPerDevice: byPart((part) => rounded((after[part].cpuMs - before[part].cpuMs) / devices, 4)),
    rssMb: byPart((part) => rounded(after[part].rssMb, 0)),
    run,
  };
}

const kindOf = (message: unknown): unknown => (message as { kind?: unknown }).kind;

const byPart = (of: (part: Part) => number): Record<Part, number> =>
  Object.fromEntries(PARTS.map((part) => [part, of(part)])) as Record<Part, number>;

export function rounded(value: number, digits: number): number {
  const factor = 10 ** digits;
  return Math.round(value * factor) / factor;
}
