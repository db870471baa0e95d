// Requests at a rate: each lane sends its next one when it is due and the one before is answered.
import { setTimeout as pause } from 'node:timers/promises';
import { Connection, type Exchange } from './connection.ts';
import type { LoadOptions, RequestKind } from './load-report.ts';
import type { Outcome } from './tally.ts';

/** A lane that is later than this drops what it did not send: a pause of the server brings no burst. */
const MOST_LATE_MS = 50;
/** Enough for their rate while each answer takes less than 50 ms. */
const SHORT_LANES = 16;

export interface LaneRun {
  readonly options: LoadOptions;
  record(outcome: Outcome): void;
  isStopped(): boolean;
}

/** Runs the kept and the short connections until the run stops. */
export async function runPacedLanes(run: LaneRun): Promise<void> {
  const { keepAliveConnections, keepAlivePerSecond, shortPerSecond } = run.options;
  const lanes = [
    ...lanesOf(keepAliveConnections, keepAlivePerSecond, () => keptConnection(run)),
    ...lanesOf(SHORT_LANES, shortPerSecond, () => shortConnections(run)),
  ];
  await Promise.all(lanes.map(({ everyMs, offsetMs, send }) => runLane(run, send, { everyMs, offsetMs })));
}

interface Lane {
  readonly everyMs: number;
  readonly offsetMs: number;
  readonly send: () => Promise<void>;
}

function lanesOf(count: number, perSecond: number, make: () => () => Promise<void>): Lane[] {
  if (perSecond === 0) return [];
  const everyMs = (count * 1000) / perSecond;
  return Array.from({ length: count }, (_, lane) => ({ everyMs, offsetMs: (everyMs * lane) / count, send: make() }));
}

async function runLane(
  run: LaneRun,
  send: () => Promise<void>,
  { everyMs, offsetMs }: { everyMs: number; offsetMs: number },
): Promise<void> {
  let due = performance.now() + offsetMs;
  while (!run.isStopped()) {
    const waitMs = due - performance.now();
    if (waitMs > 0) await pause(waitMs);
    await send();
    due = Math.max(due + everyMs, performance.now() - MOST_LATE_MS);
  }
}

/** One connection for many requests; a race is tried once more on a new one. */
function keptConnection(run: LaneRun): () => Promise<void> {
  const { host, port } = run.options;
  let connection = new Connection(host, port);
  return async () => {
    if (!connection.isOpen) connection = new Connection(host, port);
    const wasUsed = connection.wasUsed;
    const startedAt = performance.now();
    let exchange = await connection.get('/', true);
    const wasRace = exchange.kind === 'silent' && wasUsed;
    if (wasRace) {
      connection = new Connection(host, port);
      exchange = await connection.get('/', true);
    }
    run.record(judge('keepAlive', exchange, { startedAt, wasRace }));
  };
}

/** A connection for each request. */
function shortConnections(run: LaneRun): () => Promise<void> {
  const { host, port } = run.options;
  return async () => {
    const startedAt = performance.now();
    const connection = new Connection(host, port);
    const exchange = await connection.get('/', false);
    connection.close();
    run.record(judge('short', exchange, { startedAt, wasRace: false }));
  };
}

function judge(kind: RequestKind, exchange: Exchange, sent: { startedAt: number; wasRace: boolean }): Outcome {
  const latencyMs = performance.now() - sent.startedAt;
  const { wasRace } = sent;
  if (exchange.kind !== 'answered') {
    return { kind, latencyMs, version: null, wasRace, failure: `${exchange.kind}: ${exchange.reason}` };
  }
  const { status, version } = exchange.answer;
  return { kind, latencyMs, version, wasRace, failure: status === 200 ? null : `status ${status} from ${version}` };
}
