import { once } from 'node:events';
import { connect } from 'node:net';
import { causeOf } from '#domain/errors/cause-of.ts';

/** Whether a port took a connection. */
export type TcpLook =
  | { readonly kind: 'open'; readonly tookMs: number }
  | { readonly kind: 'closed'; readonly why: string; readonly tookMs: number };

export interface TcpQuestion {
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
  /** Ends the attempt when the activity is cancelled. */
  readonly signal: AbortSignal;
}

/** Connects once and says nothing. A refusal or a time-out is an answer too; throws only when it was cancelled. */
export async function askTcp({ host, port, timeoutMs, signal }: TcpQuestion): Promise<TcpLook> {
  signal.throwIfAborted();
  const startedAt = performance.now();
  const took = (): number => Math.round(performance.now() - startedAt);
  const limit = AbortSignal.timeout(timeoutMs);
  const socket = connect({ host, port });
  try {
    await once(socket, 'connect', { signal: AbortSignal.any([signal, limit]) });
    return { kind: 'open', tookMs: took() };
  } catch (error) {
    signal.throwIfAborted();
    const why = limit.aborted ? `no connection within ${timeoutMs} ms` : causeOf(error);
    return { kind: 'closed', why, tookMs: took() };
  } finally {
    // A reset may still arrive; unheard, it would end the process.
    socket.on('error', () => undefined).destroy();
  }
}
