import { request, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { causeOf } from '#domain/errors/cause-of.ts';

/** What one GET saw; `answer` is the beginning of the body. */
export type GetLook =
  | { readonly kind: 'answered'; readonly status: number; readonly answer: string; readonly tookMs: number }
  | { readonly kind: 'unanswered'; readonly why: string; readonly tookMs: number };

export interface GetQuestion {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

const ANSWER_BYTES = 2_048;

/**
 * One GET over a connection of its own: a kept one would ask an instance that was replaced at the same address, and is one
 * more session that a drain waits for. A redirection is the answer. Throws only when it was cancelled.
 */
export async function getOnce(question: GetQuestion): Promise<GetLook> {
  const { signal, timeoutMs } = question;
  signal.throwIfAborted();
  const startedAt = performance.now();
  const took = (): number => Math.round(performance.now() - startedAt);
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    return { ...(await get(question, AbortSignal.any([signal, limit]))), tookMs: took() };
  } catch (error) {
    signal.throwIfAborted();
    const why = limit.aborted ? `no answer within ${timeoutMs} ms` : causeOf(error);
    return { kind: 'unanswered', why, tookMs: took() };
  }
}

async function get({ host, port, path }: GetQuestion, signal: AbortSignal) {
  const headers = { 'user-agent': 'sluice-probe', connection: 'close' };
  const asking = request({ host, port, path, headers, agent: false, signal });
  const answered = once(asking, 'response') as Promise<[IncomingMessage]>;
  // Past the answer nobody waits for the request itself.
  asking.on('error', () => undefined).end();
  try {
    const [response] = await answered;
    return { kind: 'answered', status: response.statusCode ?? 0, answer: await beginningOf(response) } as const;
  } finally {
    asking.destroy();
  }
}

async function beginningOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size >= ANSWER_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, ANSWER_BYTES).toString('utf8');
}
