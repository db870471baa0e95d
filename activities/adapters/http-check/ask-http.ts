/** What one HTTP request saw. `answer` is the beginning of the body. */
export type HttpLook =
  | { readonly kind: 'answered'; readonly status: number; readonly answer: string; readonly tookMs: number }
  | { readonly kind: 'unanswered'; readonly why: string; readonly tookMs: number };

export interface HttpQuestion {
  readonly url: string;
  readonly method: string;
  readonly timeoutMs: number;
  /** Ends the request when the activity is cancelled. */
  readonly signal: AbortSignal;
}

const ANSWER_BYTES = 4_096;

/** Asks once, following redirects. A refused connection or a time-out is an answer too: nobody answered. */
export async function askHttp({ url, method, timeoutMs, signal }: HttpQuestion): Promise<HttpLook> {
  const startedAt = performance.now();
  const took = (): number => Math.round(performance.now() - startedAt);
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, { method, signal: AbortSignal.any([signal, limit]) });
    const answer = await beginningOf(response);
    return { kind: 'answered', status: response.status, answer, tookMs: took() };
  } catch (error) {
    signal.throwIfAborted();
    const why = limit.aborted ? `no answer within ${timeoutMs} ms` : causeOf(error);
    return { kind: 'unanswered', why, tookMs: took() };
  }
}

/** Never more than a page, however long the answer is. */
async function beginningOf(response: Response): Promise<string> {
  if (!response.body) return '';
  const body: AsyncIterable<Uint8Array> = response.body;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size >= ANSWER_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, ANSWER_BYTES).toString('utf8');
}

/** fetch says only `fetch failed`; the reason is underneath. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error
    ? causeOf(error.cause)
    : error.message || ('code' in error ? String(error.code) : error.name);
}
