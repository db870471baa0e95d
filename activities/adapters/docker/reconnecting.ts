import { setTimeout as pause } from 'node:timers/promises';
import { codeOfSluiceError } from './errors.ts';
import { ask, bounded, type DockerClient } from './client.ts';

/** A connection that says nothing may be dead: so often the engine is asked beside it. */
const ALIVE_EVERY_MS = 15_000;
const ALIVE_TIMEOUT_MS = 10_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/** `ended`: there is nothing more to hear; `lost`: connect again. */
export type Heard = 'ended' | 'lost';

/**
 * Runs `listen` again whenever its connection is lost, at growing intervals, until it has ended or `signal` is aborted: both
 * resolve. `listen` gets a signal that is also aborted when the engine no longer answers beside it. Throws what is no lost connection.
 */
export async function reconnecting(
  client: DockerClient,
  signal: AbortSignal,
  listen: (connection: AbortSignal, heard: () => void) => Promise<Heard>,
): Promise<void> {
  let pauseMs = FIRST_PAUSE_MS;
  while (!signal.aborted) {
    const dead = new AbortController();
    const connection = AbortSignal.any([signal, dead.signal]);
    const heard = () => {
      pauseMs = FIRST_PAUSE_MS;
    };
    const watching = watchOver(client, connection, () => dead.abort());
    try {
      if ((await listen(connection, heard)) === 'ended') return;
    } catch (error) {
      if (!signal.aborted && !isLostConnection(error, dead.signal)) throw error;
    } finally {
      dead.abort();
      await watching;
    }
    await pause(pauseMs, undefined, { signal }).catch(() => undefined);
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  }
}

/** Resolves when `connection` is aborted; calls `isDead` when the engine does not answer. */
async function watchOver(client: DockerClient, connection: AbortSignal, isDead: () => void): Promise<void> {
  const question = { what: 'answer', timeoutMs: ALIVE_TIMEOUT_MS, signal: connection };
  // The types know no options.
  const { docker } = client as { docker: { ping(options: object): Promise<unknown> } };
  try {
    for (;;) {
      await pause(ALIVE_EVERY_MS, undefined, { signal: connection });
      await ask(client, question, (abort) => docker.ping(bounded({}, abort)));
    }
  } catch {
    if (!connection.aborted) isDead();
  }
}

/** A stream that breaks off has an error of Node's own. */
function isLostConnection(error: unknown, dead: AbortSignal): boolean {
  if (dead.aborted || codeOfSluiceError(error) === 'ENGINE_UNREACHABLE') return true;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return ['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE', 'ABORT_ERR'].includes(code);
}
