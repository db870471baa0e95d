/** What the devices read from the wire. Unknown fields are ignored, as a device in the field must: servers grow, flash does not. */
import { z } from 'zod';

const Artifact = z.object({
  url: z.url(),
  size: z.int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  sig: z.string(),
});
export type Artifact = z.infer<typeof Artifact>;

export const JobDocument = z.object({
  operation: z
    .enum(['firmware.install', 'firmware.stage', 'firmware.activate'])
    .describe(
      'What is done with the slot that the device does not run from: fill it and boot it, only fill, only boot.',
    ),
  name: z.string(),
  version: z.string().min(1),
  artifacts: z.array(Artifact).min(1),
  compat: z.array(z.string()),
  minimumVersion: z.string().optional().describe('Signed: the oldest firmware a device may come from.'),
  wayBack: z.boolean().optional().describe('Not signed: lifts the minimum for the firmware the device ran before.'),
});
export type JobDocument = z.infer<typeof JobDocument>;

const Execution = z.object({
  jobId: z.string().min(1),
  status: z.string(),
  versionNumber: z.int(),
  jobDocument: z.unknown().optional(),
});
export type Execution = z.infer<typeof Execution>;

/** `notify-next` of a drained queue, and answers without work, carry no execution or an empty one. */
const NoExecution = z.strictObject({});

const ExecutionState = z.object({ status: z.string(), versionNumber: z.int() });

const Accepted = z.object({
  clientToken: z.string().optional(),
  execution: z.union([Execution, NoExecution]).optional(),
  executionState: ExecutionState.optional(),
});

const Rejected = z.object({
  clientToken: z.string().optional(),
  code: z.string(),
  message: z.string().optional(),
  executionState: ExecutionState.optional(),
});

export type Answer =
  | { readonly kind: 'accepted'; readonly execution: Execution | undefined }
  | {
      readonly kind: 'rejected';
      readonly code: string;
      readonly state: z.infer<typeof ExecutionState> | undefined;
    };

export type Incoming =
  | { readonly kind: 'answer'; readonly token: string; readonly answer: Answer }
  | { readonly kind: 'offer'; readonly execution: Execution | undefined }
  | { readonly kind: 'noise' };

/** What the message means to a device; a message no device can read is noise and is dropped. */
export function readMessage(topic: string, payload: Uint8Array): Incoming {
  const body = parseJson(payload);
  if (topic.endsWith('/notify-next')) {
    const parsed = Accepted.safeParse(body);
    return parsed.success ? { kind: 'offer', execution: present(parsed.data.execution) } : { kind: 'noise' };
  }
  return topic.endsWith('/rejected') ? readRejected(body) : readAccepted(body);
}

function readAccepted(body: unknown): Incoming {
  const { success, data } = Accepted.safeParse(body);
  if (!success || data.clientToken === undefined) return { kind: 'noise' };
  return {
    kind: 'answer',
    token: data.clientToken,
    answer: { kind: 'accepted', execution: present(data.execution) },
  };
}

function readRejected(body: unknown): Incoming {
  const { success, data } = Rejected.safeParse(body);
  if (!success || data.clientToken === undefined) return { kind: 'noise' };
  return {
    kind: 'answer',
    token: data.clientToken,
    answer: { kind: 'rejected', code: data.code, state: data.executionState },
  };
}

function present(execution: Execution | Record<string, never> | undefined): Execution | undefined {
  return execution !== undefined && 'jobId' in execution ? (execution as Execution) : undefined;
}

function parseJson(payload: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(payload).toString('utf8'));
  } catch {
    return undefined;
  }
}
