import { Context } from '@temporalio/activity';
import type { Logger } from 'pino';
import { errorReport } from '#domain/errors/failure.ts';
import type { Verdict, WatchActivities, WatchInput } from '#domain/ports/watch.port.ts';
import type { Pool } from '../adapters/postgres/pool.ts';
import { failureOf } from '../runtime/fail.ts';
import { guarded } from '../runtime/guard.ts';
import { withHeartbeat } from '../runtime/heartbeat.ts';
import type { CheckTools } from '../runtime/run-health-check.ts';
import { anotherBlindLook, isTooBlind } from './blindness.ts';
import { look } from './look.ts';
import { nextLookInMs } from './pace.ts';

export interface WatchDeps {
  readonly pool: Pool;
  readonly logger: Logger;
  /** Files of secrets are below it. */
  readonly dataDirectory: string;
  /** Where `env:` secrets are read from; this process's environment unless a test has another. */
  readonly env?: NodeJS.ProcessEnv;
}

/** A service that never answers must be found ill before the look itself times out: that would be no verdict at all. */
const SHARE_FOR_CHECKS = 0.8;

/** One look at whatever a run deploys to. */
export type Look = (input: WatchInput, tools: CheckTools) => Promise<Verdict>;

/** Looks at the rollback criteria of a run: of a fleet, unless another way to look is given. */
export function createWatchActivities(
  deps: WatchDeps,
  lookAt: Look = (input, tools) => look(deps.pool, input, tools),
): WatchActivities {
  const watching = { ...deps, lookAt };
  return {
    watchCriteria: guarded((input) => looking(() => watchCriteria(watching, input))),
    lookOnce: guarded((input) => looking(() => lookOnce(watching, input))),
  };
}

interface Watching extends WatchDeps {
  readonly lookAt: Look;
}

/** With a beating heart, which keeps what the attempt before left; the checks of a look bound themselves. */
function looking<T>(look: () => Promise<T>): Promise<T> {
  const { info } = Context.current();
  return withHeartbeat((pulse) => {
    pulse.note(info.heartbeatDetails);
    return look();
  }, info.startToCloseTimeoutMs);
}

/** One look per attempt. Nothing found: fails benignly, and the server starts the next look; that costs no history. */
async function watchCriteria(deps: Watching, input: WatchInput): Promise<Verdict> {
  const { info } = Context.current();
  // By the server's clock, so that it holds in skipped time too.
  const nowMs = info.currentAttemptScheduledTimestampMs;
  const nextRetryDelayMs = nextLookInMs(input.watch.everyMs, nowMs - info.scheduledTimestampMs);
  const seen = await lookPatiently(deps, input, nowMs);
  if (seen.kind === 'blind') throw failureOf(errorReport('WATCH_BLIND', seen), { nextRetryDelayMs });
  if (seen.kind !== 'healthy') return seen;
  throw failureOf(errorReport('NOTHING_YET', { look: info.attempt }), { nextRetryDelayMs });
}

/** Tried again as long as nothing can be seen: how long the run bears that is for the watch to say, which looks beside it. */
async function lookOnce(deps: Watching, input: WatchInput): Promise<Verdict> {
  const context = Context.current();
  try {
    return await deps.lookAt(input, toolsOf(deps));
  } catch (error) {
    context.cancellationSignal.throwIfAborted();
    throw failureOf(errorReport('WATCH_BLIND', { looks: context.info.attempt, why: messageOf(error) }));
  }
}

type Seen = Verdict | { readonly kind: 'blind'; readonly looks: number; readonly why: string };

async function lookPatiently(deps: Watching, input: WatchInput, nowMs: number): Promise<Seen> {
  const context = Context.current();
  try {
    const seen = await deps.lookAt(input, toolsOf(deps));
    if (context.info.heartbeatDetails) context.heartbeat(null);
    return seen;
  } catch (error) {
    context.cancellationSignal.throwIfAborted();
    const why = messageOf(error);
    const blind = anotherBlindLook(context.info.heartbeatDetails, nowMs);
    // The next attempt finds it there; a look that sees takes it away.
    context.heartbeat(blind);
    deps.logger.warn({ run: input.run, why, looks: blind.looks }, 'the watch could not look');
    if (isTooBlind(blind, nowMs)) return { kind: 'inconclusive', why: `${blind.looks} looks saw nothing: ${why}` };
    return { kind: 'blind', looks: blind.looks, why };
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function toolsOf({ dataDirectory, env }: WatchDeps): CheckTools {
  const { cancellationSignal: signal, sleep: wait, info } = Context.current();
  const budgetMs = info.startToCloseTimeoutMs * SHARE_FOR_CHECKS;
  return { dataDirectory, signal, wait, budgetMs, ...(env && { env }) };
}
