import { z } from 'zod';
import { REPORTED_STATUSES, type DeviceRequest } from '#domain/fleet/job-execution-request.ts';
import type { RejectionCode } from '#domain/fleet/job-execution-answer.ts';
import { NO_STEP_TIMER } from '#domain/fleet/job-execution-progress.ts';
import type { RequestTopic } from './request-topic.ts';

/** AWS IoT's limit for a message. */
const MAX_PAYLOAD_BYTES = 128 * 1024;
const MAX_DETAILS = 32;
const MAX_STEP_MINUTES = 10_080;
/** AWS's pattern for values: no control characters, no half of a surrogate pair. The database would refuse those too. */
const PRINTABLE = /^\P{C}*$/u;

export type PayloadReading =
  | { readonly kind: 'request'; readonly request: DeviceRequest }
  | {
      readonly kind: 'refused';
      readonly code: Extract<RejectionCode, 'InvalidJson' | 'InvalidRequest'>;
      readonly message: string;
      readonly clientToken: string | null;
    };

// Unknown fields are ignored, as AWS does: a device may be newer than its server.
const clientToken = z.string().min(1).max(128).regex(PRINTABLE).nullable().default(null);
const whole = z.int().min(0).nullable().default(null);
const details = z
  .record(z.string().regex(/^[A-Za-z0-9:_-]{1,128}$/), z.string().max(1_024).regex(PRINTABLE))
  .refine((map) => Object.keys(map).length <= MAX_DETAILS, `at most ${MAX_DETAILS} pairs`)
  .nullable()
  .default(null);
const stepTimeout = z
  .union([z.literal(NO_STEP_TIMER), z.int().min(1).max(MAX_STEP_MINUTES)], {
    error: `expected ${NO_STEP_TIMER} or 1 to ${MAX_STEP_MINUTES} minutes`,
  })
  .nullable()
  .default(null);

const getBody = z.object({ clientToken });
const startNextBody = z.object({ clientToken, statusDetails: details, stepTimeoutInMinutes: stepTimeout });
const describeBody = z.object({
  clientToken,
  executionNumber: whole,
  includeJobDocument: z.boolean().nullable().default(true),
});
const updateBody = z.object({
  clientToken,
  status: z.enum(REPORTED_STATUSES),
  statusDetails: details,
  expectedVersion: whole,
  executionNumber: whole,
  stepTimeoutInMinutes: stepTimeout,
  includeJobExecutionState: z.boolean().nullable().default(false),
  includeJobDocument: z.boolean().nullable().default(false),
});
const shadowBody = z.object({
  clientToken,
  state: z.object({
    reported: z
      .object({ firmware: z.string().min(1).max(128).regex(PRINTABLE).nullable().default(null) })
      .nullable()
      .default(null),
  }),
});

/** Reads the payload of a request whose topic is known. Never throws. */
export function readPayload(topic: RequestTopic, payload: Uint8Array): PayloadReading {
  if (payload.byteLength > MAX_PAYLOAD_BYTES) {
    return refused('InvalidRequest', `payload too large: ${payload.byteLength} of ${MAX_PAYLOAD_BYTES} bytes`, null);
  }
  let body: unknown;
  try {
    // A request without fields may come without a payload.
    body =
      payload.byteLength === 0
        ? {}
        : JSON.parse(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString());
  } catch {
    return refused('InvalidJson', 'the payload is no JSON', null);
  }
  try {
    return { kind: 'request', request: toRequest(topic, body) };
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    return refused('InvalidRequest', describeIssues(error), tokenOf(body));
  }
}

const refused = (
  code: Extract<RejectionCode, 'InvalidJson' | 'InvalidRequest'>,
  message: string,
  token: string | null,
): PayloadReading => ({ kind: 'refused', code, message, clientToken: token });

function toRequest(topic: RequestTopic, body: unknown): DeviceRequest {
  const { thing } = topic;
  switch (topic.kind) {
    case 'get':
      return { kind: topic.kind, thing, clientToken: getBody.parse(body).clientToken };
    case 'start-next': {
      const { stepTimeoutInMinutes, ...rest } = startNextBody.parse(body);
      return { kind: topic.kind, thing, countsAsBoot: true, ...rest, stepTimeoutMinutes: stepTimeoutInMinutes };
    }
    case 'describe': {
      const parsed = describeBody.parse(body);
      return {
        kind: topic.kind,
        thing,
        jobId: topic.jobId,
        ...parsed,
        includeJobDocument: parsed.includeJobDocument ?? true,
      };
    }
    case 'update':
      return toUpdate(topic, body);
    case 'shadow-report': {
      const parsed = shadowBody.parse(body);
      return {
        kind: topic.kind,
        thing,
        clientToken: parsed.clientToken,
        firmware: parsed.state.reported?.firmware ?? null,
      };
    }
  }
}

function toUpdate({ thing, jobId }: RequestTopic & { kind: 'update' }, body: unknown): DeviceRequest {
  const { stepTimeoutInMinutes, includeJobExecutionState, includeJobDocument, ...rest } = updateBody.parse(body);
  return {
    kind: 'update',
    thing,
    jobId,
    ...rest,
    stepTimeoutMinutes: stepTimeoutInMinutes,
    includeJobExecutionState: includeJobExecutionState ?? false,
    includeJobDocument: includeJobDocument ?? false,
  };
}

const describeIssues = (error: z.ZodError): string =>
  error.issues.map(({ path, message }) => `${path.join('.') || 'payload'}: ${message}`).join('; ');

function tokenOf(body: unknown): string | null {
  const parsed = getBody.safeParse(body);
  return parsed.success ? parsed.data.clientToken : null;
}
