import type { StatusDetails } from './job-execution.ts';

/** What a device may ask, parsed. `null` stands for a field that was not sent. */
export type DeviceRequest = GetPendingRequest | StartNextRequest | DescribeRequest | UpdateRequest | ShadowReport;

interface FromDevice {
  readonly thing: string;
  /** Echoed unchanged. A repeated token is answered again and not applied again. */
  readonly clientToken: string | null;
}

export interface GetPendingRequest extends FromDevice {
  readonly kind: 'get';
}

export interface StartNextRequest extends FromDevice {
  readonly kind: 'start-next';
  /** False when the device may ask again only because the broker or its gateway had been away. */
  readonly countsAsBoot: boolean;
  readonly statusDetails: StatusDetails | null;
  readonly stepTimeoutMinutes: number | null;
}

export interface DescribeRequest extends FromDevice {
  readonly kind: 'describe';
  readonly jobId: string;
  readonly executionNumber: number | null;
  readonly includeJobDocument: boolean;
}

export interface UpdateRequest extends FromDevice {
  readonly kind: 'update';
  readonly jobId: string;
  readonly status: ReportedStatus;
  readonly statusDetails: StatusDetails | null;
  readonly expectedVersion: number | null;
  readonly executionNumber: number | null;
  readonly stepTimeoutMinutes: number | null;
  readonly includeJobExecutionState: boolean;
  readonly includeJobDocument: boolean;
}

/** `state.reported` of the device's shadow; only `firmware` means something here. */
export interface ShadowReport extends FromDevice {
  readonly kind: 'shadow-report';
  readonly firmware: string | null;
}

/** Not from a device: the execution's deadline may have passed. */
export interface ExpireRequest {
  readonly kind: 'expire';
  readonly thing: string;
  readonly jobId: string;
}

export type StoreRequest = DeviceRequest | ExpireRequest;

/** The statuses that a device may set. */
export const REPORTED_STATUSES = ['IN_PROGRESS', 'SUCCEEDED', 'FAILED', 'REJECTED'] as const;
export type ReportedStatus = (typeof REPORTED_STATUSES)[number];

/** In place of a job id: whatever is handed out next. */
export const NEXT_JOB = '$next';
