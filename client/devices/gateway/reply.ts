import { assertNever } from '#domain/assert-never.ts';
import type { Answer, Notice, RejectedBody } from '#domain/fleet/job-execution-answer.ts';
import type { DeviceRequest } from '#domain/fleet/job-execution-request.ts';
import { jobsTopic, shadowTopic } from '../../../activities/adapters/mqtt/topics.ts';
import type { RequestTopic } from './request-topic.ts';

export interface Message {
  readonly topic: string;
  readonly payload: string;
  readonly qos: 0 | 1;
}

/** What leaves for a request's answer; null when nobody waits for one. */
export function answerMessage(request: DeviceRequest, answer: Answer): Message | null {
  if (answer.kind === 'none') return null;
  if (answer.kind === 'rejected') return refusalMessage(requestTopic(request), answer.body);
  return { topic: `${requestTopic(request)}/accepted`, payload: JSON.stringify(answer.body), qos: 1 };
}

/** A refusal of what came on `topic`. The shadow's errors have numbers where those of jobs have names. */
export function refusalMessage(topic: string, body: RejectedBody): Message {
  const coded = topic.endsWith('/shadow/update') ? { ...body, code: shadowCode(body.code) } : body;
  return { topic: `${topic}/rejected`, payload: JSON.stringify(coded), qos: 1 };
}

/** Of the two pushes only `notify-next` makes a device begin; the list follows with the next change if it is lost. */
export const noticeMessage = ({ topic, thing, payload }: Notice): Message => ({
  topic: jobsTopic(thing, topic),
  payload: JSON.stringify(payload),
  qos: topic === 'notify' ? 0 : 1,
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
