import { isThingName } from '#domain/ids.ts';
import { NEXT_JOB } from '#domain/fleet/job-execution-request.ts';

/** What a topic asks for, before its payload is read. */
export type RequestTopic =
  | { readonly kind: 'get' | 'start-next' | 'shadow-report'; readonly thing: string }
  | { readonly kind: 'describe'; readonly thing: string; readonly jobId: string }
  | { readonly kind: 'update'; readonly thing: string; readonly jobId: string };

export type TopicReading =
  | { readonly kind: 'request'; readonly request: RequestTopic }
  /** `thing` is null when not even a device can be named, so that nobody can be answered. */
  | { readonly kind: 'invalid'; readonly thing: string | null; readonly why: string };

const JOB_ID = /^[A-Za-z0-9_-]{1,64}$/;

/** Reads a topic that one of the gateway's filters matched. */
export function readTopic(topic: string): TopicReading {
  const [root, things, thing = '', area, ...rest] = topic.split('/');
  if (root !== '$aws' || things !== 'things' || !isThingName(thing)) {
    return { kind: 'invalid', thing: null, why: 'the topic names no thing' };
  }
  const request = area === 'shadow' ? shadowRequest(thing, rest) : area === 'jobs' ? jobsRequest(thing, rest) : null;
  return request === null
    ? { kind: 'invalid', thing, why: 'the topic names no operation' }
    : { kind: 'request', request };
}

const shadowRequest = (thing: string, rest: readonly string[]): RequestTopic | null =>
  rest.length === 1 && rest[0] === 'update' ? { kind: 'shadow-report', thing } : null;

function jobsRequest(thing: string, rest: readonly string[]): RequestTopic | null {
  const [first = '', operation] = rest;
  if (rest.length === 1) return first === 'start-next' || first === 'get' ? { kind: first, thing } : null;
  if (rest.length !== 2) return null;
  const isNext = first === NEXT_JOB;
  if (operation === 'get' && (isNext || JOB_ID.test(first))) return { kind: 'describe', thing, jobId: first };
  return operation === 'update' && JOB_ID.test(first) ? { kind: 'update', thing, jobId: first } : null;
}
