import { proxyActivities } from '@temporalio/workflow';
import type { EmergencyActivities } from '#domain/ports/emergency.port.ts';
import { pollingRuns, surveying } from '../runtime/profiles.ts';
import type { EmergencyRecord } from './emergency-record.ts';

type Asking = Pick<EmergencyActivities, 'stopRuns' | 'awaitRun'>;

/** What an emergency does, with what people read beside it. */
export const emergencyActivities = ({ input }: EmergencyRecord, summary: string): EmergencyActivities =>
  proxyActivities<EmergencyActivities>({ ...surveying, taskQueue: input.queue, summary });

/** What it waits for, looked at again and again without a trace in its history. */
export const emergencyLooks = ({ input }: EmergencyRecord, summary: string): Asking =>
  proxyActivities<Asking>({ ...pollingRuns, taskQueue: input.queue, summary });
