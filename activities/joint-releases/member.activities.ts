import { Context } from '@temporalio/activity';
import { catalogue } from '#domain/errors/catalogue.ts';
import { errorReport, SluiceError } from '#domain/errors/failure.ts';
import type { MemberActivities, MemberRuns } from '#domain/ports/member.port.ts';
import { failureOf } from '../runtime/fail.ts';
import { guarded } from '../runtime/guard.ts';
import { withHeartbeat } from '../runtime/heartbeat.ts';

/** What a release of several applications does with the runs of its members. */
export function createMemberActivities(members: MemberRuns): MemberActivities {
  return {
    startMember: beating((input) => members.start(input)),
    followMember: beating(async (input) => (await members.end(input.run)) ?? later(input.everyMs)),
    stopMember: beating(async (input) => (await members.stop(input)) ?? later(input.everyMs)),
    returnMember: beating((input) => members.bringBack(input)),
  };
}

/** With a beating heart, so that a dead worker is noticed. Whatever had no answer is harmless to ask again. */
function beating<Input, Output>(work: (input: Input) => Promise<Output>): (input: Input) => Promise<Output> {
  return guarded(async (input: Input) => {
    try {
      return await withHeartbeat(() => work(input), Context.current().info.startToCloseTimeoutMs);
    } catch (error) {
      throw isUnanswered(error) ? noAnswer(error) : error;
    }
  });
}

const isUnanswered = (error: unknown): error is SluiceError =>
  error instanceof SluiceError && catalogue[error.code].kind === 'AMBIGUOUS';

const noAnswer = (cause: SluiceError): Error =>
  failureOf(errorReport('STACK_NOT_RUNNING', { part: 'Temporal', address: 'its address' }), { cause });

/** Still open: the server starts the next look, which costs no history. */
function later(nextRetryDelayMs: number): never {
  throw failureOf(errorReport('NOTHING_YET', { look: Context.current().info.attempt }), { nextRetryDelayMs });
}
