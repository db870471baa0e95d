import { assertNever } from '#domain/assert-never.ts';
import type { Answer, Notice, RejectedBody } from '#domain/fleet/job-execution-answer.ts';
import type { DeviceRequest } from '#domain/fleet/job-execution-request.ts';
import { jobsTopic, shadowTopic } from '../../../activities/adapters/mqtt/topics.ts';
import type { RequestTopic } from './request-topic.ts';

export interface Message {
  readonly topic: string;
  readonly payload: string;
}

/** What leaves for a request's answer; null when nobody waits for one. */
export function answerMessage(request: DeviceRequest, answer: Answer): Message | null {
  if (answer.kind === 'none') return null;
  if (answer.kind === 'rejected') return refusalMessage(requestTopic(request), answer.body);
  return { topic: `${requestTopic(request)}/accepted`, payload: JSON.stringify(answer.body) };
}

/** A refusal of what came on `topic`. The shadow's errors have numbers where those of jobs have names. */
export function refusalMessage(topic: string, body: RejectedBody): Message {
  const coded = topic.endsWith('/shadow/update') ? { ...body, code: shadowCode(body.code) } : body;
  return { topic: `${topic}/rejected`, payload: JSON.stringify(coded) };
}

export const noticeMessage = ({ topic, thing, payload }: Notice): Message => ({
  topic: jobsTopic(thing, topic),
  payload: JSON.stringify(payload),
});

/** The topic that a request came on; answers go one level below it. */
function requestTopic(request: RequestTopic): string {
  switch (request.kind) {
    case 'get':
    case 'start-next':
      return jobsTopic(request.thing, request.kind);
    case 'describe':
      return jobsTopic(request.thing, `${request.jobId}/get`);
    case 'update':
      return jobsTopic(request.thing, `${request.jobId}/update`);
    case 'shadow-report':
      return shadowTopic(request.thing);
    default:
      return assertNever(request);
  }
}

function shadowCode(code: string): number {
  if (code === 'InternalError') return 500;
  return code === 'RequestThrottled' ? 429 : 400;
}
