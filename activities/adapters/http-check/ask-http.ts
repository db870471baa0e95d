import { causeOf } from '#domain/errors/cause-of.ts';

/** What one HTTP question saw. `answer` is the beginning of the body; `answeredBy` the address that gave it. */
export type HttpLook =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly answer: string;
      readonly answeredBy: string;
      readonly tookMs: number;
    }
  /** Somebody else would answer, a login page for instance: nobody was asked there. */
  | { readonly kind: 'led-elsewhere'; readonly status: number; readonly to: string; readonly tookMs: number }
  | { readonly kind: 'unanswered'; readonly why: string; readonly tookMs: number };

export interface HttpQuestion {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly timeoutMs: number;
  /** False takes a redirection itself as the answer. */
  readonly followsRedirects: boolean;
  /** Ends the request when the activity is cancelled. */
  readonly signal: AbortSignal;
}

const ANSWER_BYTES = 4_096;
const MOST_REDIRECTS = 10;
const REDIRECTIONS = new Set([301, 302, 303, 307, 308]);

/**
 * Asks once. Redirections are followed within the origin, never beyond it: what is asked, and the headers with it, are for
 * that service alone. A refused connection or a time-out is an answer too: nobody answered.
 */
export async function askHttp(question: HttpQuestion): Promise<HttpLook> {
  const startedAt = performance.now();
  const took = (): number => Math.round(performance.now() - startedAt);
  const limit = AbortSignal.timeout(question.timeoutMs);
  try {
    return { ...(await ask(question, AbortSignal.any([question.signal, limit]))), tookMs: took() };
  } catch (error) {
    question.signal.throwIfAborted();
    const why = limit.aborted ? `no answer within ${question.timeoutMs} ms` : causeOf(error);
    return { kind: 'unanswered', why, tookMs: took() };
  }
}

type Untimed<Look> = Look extends unknown ? Omit<Look, 'tookMs'> : never;

async function ask(question: HttpQuestion, signal: AbortSignal): Promise<Untimed<HttpLook>> {
  let { method, body } = question;
  let url = new URL(question.url).href;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    const response = await fetch(url, { method, body, headers: question.headers, redirect: 'manual', signal });
    const { status } = response;
    const next = question.followsRedirects ? redirection(response, url) : null;
    if (next === null) return { kind: 'answered', status, answer: await beginningOf(response), answeredBy: url };
    await response.body?.cancel();
    if (new URL(next).origin !== new URL(url).origin) return { kind: 'led-elsewhere', status, to: next };
    // As browsers do: only 307 and 308 keep a method that sends something.
    if (status <= 303 && method !== 'HEAD') [method, body] = ['GET', null];
    url = next;
  }
  return { kind: 'unanswered', why: `more than ${MOST_REDIRECTS} redirections` };
}

function redirection({ status, headers }: Response, from: string): string | null {
  const location = headers.get('location');
  if (!REDIRECTIONS.has(status) || location === null || !URL.canParse(location, from)) return null;
  return new URL(location, from).href;
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
