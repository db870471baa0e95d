import type { ReplicaEvent } from '#domain/ports/container-engine.port.ts';
import { bounded, open, type DockerClient } from './client.ts';
import { jsonLines } from './json-lines.ts';
import { RUN_LABEL } from './labels.ts';
import { reconnecting } from './reconnecting.ts';

const OPEN_TIMEOUT_MS = 15_000;
const NANOSECONDS_PER_MS = 1_000_000;
const NANOSECONDS_PER_S = 1_000_000_000;
/** Asked for again after a lost connection: the engine's order is not strict. */
const OVERLAP_S = 2;
const MOST_REMEMBERED = 2_000;
const KINDS = ['start', 'die', 'oom', 'destroy'] as const satisfies readonly ReplicaEvent['kind'][];

/** What `/events` answers, as far as it is used. */
interface EngineEvent {
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes?: Readonly<Record<string, string>> };
  readonly timeNano: number;
}

/**
 * Each event of our containers until `signal` is aborted, also those that came while the connection was lost. A restarted
 * engine has forgotten what happened before and while it was down: list the containers after an outage.
 */
export async function watch(
  client: DockerClient,
  onEvent: (event: ReplicaEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const place: Place = { newestS: null, seen: new Set() };
  await reconnecting(client, signal, async (connection, heard) => {
    const stream = await connect(client, place, connection);
    heard();
    for await (const line of jsonLines(stream)) {
      const event = line as EngineEvent;
      if (isRepeated(place, event)) continue;
      place.newestS = Math.max(place.newestS ?? 0, Math.floor(event.timeNano / NANOSECONDS_PER_S));
      onEvent(replicaEvent(event));
    }
    return 'lost';
  });
}

/** How far the events have been read. */
interface Place {
  /** Of the engine's clock; at first the moment of the connection. */
  newestS: number | null;
  /** The newest ones: after a lost connection some come again. */
  readonly seen: Set<string>;
}

async function connect(
  client: DockerClient,
  place: Place,
  signal: AbortSignal,
): Promise<AsyncIterable<Buffer | string>> {
  const question = { what: 'report events', timeoutMs: OPEN_TIMEOUT_MS, signal };
  const filters = { type: ['container' as const], label: [RUN_LABEL], event: [...KINDS] };
  const options = { filters, ...(place.newestS !== null && { since: place.newestS - OVERLAP_S }) };
  const stream = await open(client, question, (abort) => client.docker.getEvents(bounded(options, abort)));
  if ('headers' in stream && place.newestS === null) {
    const { date = '' } = stream.headers as { date?: string };
    place.newestS = Math.floor(Date.parse(date) / 1_000) + OVERLAP_S || null;
  }
  return stream;
}

function isRepeated({ seen }: Place, { Action, Actor, timeNano }: EngineEvent): boolean {
  const key = `${Action} ${Actor.ID} ${timeNano}`;
  if (seen.has(key)) return true;
  seen.add(key);
  const [oldest] = seen;
  if (seen.size > MOST_REMEMBERED && oldest !== undefined) seen.delete(oldest);
  return false;
}

function replicaEvent({ Action, Actor, timeNano }: EngineEvent): ReplicaEvent {
  const { name = '', exitCode } = Actor.Attributes ?? {};
  return {
    kind: Action as ReplicaEvent['kind'],
    name,
    at: new Date(Math.floor(timeNano / NANOSECONDS_PER_MS)).toISOString(),
    exitCode: Action === 'die' && exitCode !== undefined ? Number(exitCode) : null,
  };
}
