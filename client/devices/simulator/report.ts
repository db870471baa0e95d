/** A device's report on a job, repeated until the server took it or refused it for good. */
import type { Connection } from './connection.ts';
import type { Step, Verdict } from './decide.ts';
import type { Message } from './requests.ts';

/** An execution as a report names it. */
export interface JobRef {
  readonly jobId: string;
  /** The execution's version as the device knows it; `undefined` when it lost sight of the execution. */
  readonly versionNumber: number | undefined;
}

export interface Report extends JobRef {
  readonly status: Verdict['status'] | 'IN_PROGRESS';
  readonly statusDetails: Readonly<Record<string, string>>;
  /** Version to publish on the shadow ahead of every try: a server that confirms by it must have it first. */
  readonly shadowFirmware?: string;
}

export type Told =
  | { readonly kind: 'accepted'; readonly versionNumber: number | undefined }
  | { readonly kind: 'refused'; readonly code: string };

const OPEN: ReadonlySet<string> = new Set(['QUEUED', 'IN_PROGRESS']);

/** What the server said. Rejects with `PoweredOff` only: a lost answer, a busy server and a stale version are repeated. */
export async function sendReport(connection: Connection, thing: string, report: Report): Promise<Told> {
  const { jobId, status, statusDetails, shadowFirmware } = report;
  let version = report.versionNumber;
  for (;;) {
    const answer = await connection.ask({
      topic: `$aws/things/${thing}/jobs/${jobId}/update`,
      body: { status, statusDetails, ...(version !== undefined && { expectedVersion: version }) },
      ...(shadowFirmware !== undefined && { preamble: shadow(thing, shadowFirmware) }),
    });
    if (answer.kind === 'accepted')
      return { kind: 'accepted', versionNumber: version === undefined ? undefined : version + 1 };
    const isStale = answer.code === 'VersionMismatch' && answer.state !== undefined && OPEN.has(answer.state.status);
    if (!isStale || answer.state.versionNumber === version) return { kind: 'refused', code: answer.code };
    version = answer.state.versionNumber;
  }
}

/** The report of a final verdict by a device that now runs `firmware`. */
export function verdictReport({ jobId, versionNumber }: JobRef, verdict: Verdict, firmware: string): Report {
  const { status, step } = verdict;
  const reason = status === 'SUCCEEDED' ? {} : { reason: verdict.reason };
  const showsVersion = status === 'SUCCEEDED' || step === 'rebooting';
  return {
    jobId,
    versionNumber,
    status,
    statusDetails: { ...(step !== undefined && { step }), ...reason, firmware },
    ...(showsVersion && { shadowFirmware: firmware }),
  };
}

/** The report of a step that begins now. */
export function stepReport({ jobId, versionNumber }: JobRef, step: Step): Report {
  return { jobId, versionNumber, status: 'IN_PROGRESS', statusDetails: { step } };
}

function shadow(thing: string, firmware: string): Message {
  return {
    topic: `$aws/things/${thing}/shadow/update`,
    payload: JSON.stringify({ state: { reported: { firmware } } }),
  };
}
