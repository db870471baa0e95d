import { Agent, request, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { causeOf } from '#domain/errors/cause-of.ts';

export interface LoadQuestion {
  readonly targets: readonly { readonly host: string; readonly port: number }[];
  readonly path: string;
  readonly durationMs: number;
  readonly requestsPerSecond: number;
  readonly signal: AbortSignal;
  /** Called about ten times a second. */
  readonly onProgress: (progress: { readonly sent: number; readonly failed: number }) => void;
}

export interface LoadLook {
  /** Of each good answer, from the moment at which its request was due: a service that stalls is not asked less for it. */
  readonly latenciesMs: readonly number[];
  readonly failed: number;
  readonly tookMs: number;
  /** How often each went wrong: `503`, `connect ECONNREFUSED …`. */
  readonly failures: Readonly<Record<string, number>>;
}

const TICK_MS = 10;
const PROGRESS_EVERY_MS = 100;
const ANSWER_WITHIN_MS = 10_000;
/** What is due beyond that is failed without being sent: the service does not keep up. */
const MOST_IN_FLIGHT = 1_000;
const MOST_KINDS_OF_FAILURE = 20;

interface Running {
  readonly question: LoadQuestion;
  readonly agent: Agent;
  readonly latenciesMs: number[];
  readonly failures: Map<string, number>;
  sent: number;
  failed: number;
  inFlight: number;
}

/** Asks the targets in turns, at a steady rate whatever they answer, and waits for the last answer. Throws only when cancelled. */
export async function putLoad(question: LoadQuestion): Promise<LoadLook> {
  const { durationMs, requestsPerSecond, signal } = question;
  const agent = new Agent({ keepAlive: true });
  const running: Running = { question, agent, latenciesMs: [], failures: new Map(), sent: 0, failed: 0, inFlight: 0 };
  const startedAt = performance.now();
  const total = Math.max(1, Math.round((durationMs * requestsPerSecond) / 1_000));
  const answers = new Set<Promise<void>>();
  try {
    for (let progressAt = 0; running.sent < total;) {
      const elapsedMs = performance.now() - startedAt;
      const due = Math.min(total, Math.floor((elapsedMs * requestsPerSecond) / 1_000) + 1);
      while (running.sent < due) {
        const answer = send(running, startedAt + (running.sent * 1_000) / requestsPerSecond);
        answers.add(answer);
        void answer.then(() => answers.delete(answer));
      }
      if (elapsedMs >= progressAt) {
        progressAt = elapsedMs + PROGRESS_EVERY_MS;
        question.onProgress({ sent: running.sent, failed: running.failed });
      }
      await pause(TICK_MS, undefined, { signal });
    }
    await Promise.all(answers);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    agent.destroy();
  }
  signal.throwIfAborted();
  const { latenciesMs, failed, failures } = running;
  return {
    latenciesMs,
    failed,
    failures: Object.fromEntries(failures),
    tookMs: Math.round(performance.now() - startedAt),
  };
}

async function send(running: Running, dueAt: number): Promise<void> {
  const { targets } = running.question;
  const target = targets[running.sent % targets.length];
  running.sent += 1;
  if (!target || running.inFlight >= MOST_IN_FLIGHT) return fail(running, `${MOST_IN_FLIGHT} requests were under way`);
  running.inFlight += 1;
  try {
    const status = await askKept(running, target);
    if (status >= 400) fail(running, String(status));
    else running.latenciesMs.push(Math.round((performance.now() - dueAt) * 10) / 10);
  } catch (error) {
    fail(running, causeOf(error));
  } finally {
    running.inFlight -= 1;
  }
}

function fail(running: Running, why: string): void {
  const { failures } = running;
  running.failed += 1;
  const kind = failures.has(why) || failures.size < MOST_KINDS_OF_FAILURE ? why : 'others';
  failures.set(kind, (failures.get(kind) ?? 0) + 1);
}

/** A kept connection may be closed just as it is used again: that is no fault of the service, so it is asked once more. */
async function askKept(running: Running, target: LoadQuestion['targets'][number]): Promise<number> {
  const { agent, question } = running;
  const signal = AbortSignal.any([question.signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]);
  const asking = request({ ...target, path: question.path, agent, signal, headers: { 'user-agent': 'sluice-load' } });
  try {
    const answered = once(asking, 'response') as Promise<[IncomingMessage]>;
    asking.on('error', () => undefined).end();
    const [response] = await answered;
    await once(response.resume(), 'end', { signal });
    return response.statusCode ?? 0;
  } catch (error) {
    const isRace = asking.reusedSocket && error instanceof Error && 'code' in error && error.code === 'ECONNRESET';
    if (!isRace) throw error;
    return askKept(running, target);
  }
}
