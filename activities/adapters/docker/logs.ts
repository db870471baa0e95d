import { setTimeout as pause } from 'node:timers/promises';
import { sluiceError } from '#domain/errors/failure.ts';
import { ask, bounded, open, type DockerClient } from './client.ts';
import { expectAnswer } from './errors.ts';
import { FrameReader, LineReader, type Frame } from './frames.ts';
import { reconnecting } from './reconnecting.ts';
import { inspect, type Signal } from './replicas.ts';

const LOGS_TIMEOUT_MS = 30_000;
/** Between looks whether a container that ended was started again. */
const STARTED_AGAIN_POLL_MS = 500;
/** `2026-11-26T15:02:29.123456789Z`, and a space, before what was written. */
const STAMP = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?Z$/;
const LONGEST_STAMP_BYTES = 40;

/** The last `lines` of both streams together, oldest first; control characters are as they were written. Throws CONTAINER_UNKNOWN. */
export async function logs(client: DockerClient, name: string, lines: number, signal: Signal): Promise<string[]> {
  const question = { what: `read the log of ${name}`, timeoutMs: LOGS_TIMEOUT_MS, signal };
  const options = { stdout: true, stderr: true, tail: lines, follow: false as const };
  try {
    const bytes = await ask(client, question, (abort) =>
      client.docker.getContainer(name).logs(bounded(options, abort)),
    );
    const reader = new LineReader();
    const read = new FrameReader().push(bytes).flatMap((frame) => reader.push(frame));
    return [...read, ...reader.end()].slice(-lines);
  } catch (error) {
    expectAnswer(error, 404);
    throw sluiceError('CONTAINER_UNKNOWN', { name, engine: client.engine }, { cause: error });
  }
}

/** Each line written from now on, also after restarts of the container and of the engine, until it is gone or `signal` says so. */
export async function followLogs(
  client: DockerClient,
  name: string,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const place: Place = { newest: null, readRun: null };
  await reconnecting(client, signal, async (connection, heard) => {
    for (;;) {
      const found = await inspect(client, name, connection);
      if (found === null) return 'ended';
      heard();
      const { Running, StartedAt, FinishedAt } = found.State;
      if (place.newest === null && !Running) Object.assign(place, { newest: momentOf(FinishedAt), readRun: StartedAt });
      // What ended is read to its end too: its last lines may have come while nobody listened.
      if (Running || place.readRun !== StartedAt) await follow(client, name, { onLine, place }, connection);
      if (!Running) place.readRun = StartedAt;
      await pause(STARTED_AGAIN_POLL_MS, undefined, { signal: connection });
    }
  });
}

/** How far the log has been read. */
interface Place {
  /** Seconds and nanoseconds of the newest piece: the engine goes on there. Null: from now on. */
  newest: string | null;
  /** Start of the run that was read to its end. */
  readRun: string | null;
}

async function follow(
  client: DockerClient,
  name: string,
  { onLine, place }: { onLine: (line: string) => void; place: Place },
  signal: AbortSignal,
): Promise<void> {
  const since = place.newest;
  const options = { stdout: true, stderr: true, timestamps: true, follow: true as const };
  const from = since === null ? { tail: 0 } : { since };
  const question = { what: `follow the log of ${name}`, timeoutMs: LOGS_TIMEOUT_MS, signal };
  const stream = await open(client, question, (abort) =>
    // The types take whole seconds only, the engine a fraction too.
    client.docker.getContainer(name).logs(bounded({ ...options, ...(from as { since?: number }) }, abort)),
  );
  const frames = new FrameReader();
  const reader = new LineReader();
  let isCaughtUp = since === null;
  for await (const chunk of stream) {
    for (const piece of frames.push(chunk as Buffer).map(unstamped)) {
      // `since` includes its own moment. Later on the two streams may be out of order by a hair.
      isCaughtUp ||= since === null || piece.at > since;
      if (!isCaughtUp) continue;
      if (place.newest === null || piece.at > place.newest) place.newest = piece.at;
      reader.push(piece.frame).forEach(onLine);
    }
  }
  reader.end().forEach(onLine);
}

/** A frame without the time before it, and that time. */
function unstamped({ stream, bytes }: Frame): { readonly at: string; readonly frame: Frame } {
  const end = bytes.subarray(0, LONGEST_STAMP_BYTES).indexOf(' ') + 1;
  return { at: momentOf(bytes.toString('latin1', 0, end).trim()), frame: { stream, bytes: bytes.subarray(end) } };
}

/** As the engine takes it for `since`. For centuries to come all have as many digits, and compare as texts. */
function momentOf(stamp: string): string {
  const [, instant = '', fraction = ''] = STAMP.exec(stamp) ?? [];
  const seconds = Math.max(0, Math.floor(Date.parse(`${instant}Z`) / 1_000) || 0);
  return `${seconds}.${fraction.padEnd(9, '0')}`;
}
