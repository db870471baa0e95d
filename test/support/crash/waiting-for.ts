// Why a run that should have ended has not.
import { eventually } from '../eventually.ts';
import type { JudgedRun } from './judged-run.ts';
import { SETTLED_DEADLINE_MS } from './settled.ts';

/** What the run waits for: each activity under way with its worker's last signs and the failure before, and a task of its own that nobody does. */
export async function waitingFor({ world, started }: JudgedRun): Promise<string[]> {
  const client = await world.deps.temporal();
  const { raw } = await eventually(() => client.workflow.getHandle(started.workflowId).describe(), SETTLED_DEADLINE_MS);
  const activities = (raw.pendingActivities ?? []).map((one) => {
    const { activityType, attempt, state, lastWorkerIdentity, lastFailure } = one;
    const failed = [lastFailure?.message, lastFailure?.cause?.message].filter(Boolean).join(': ');
    const signs = `started ${ago(one.lastStartedTime)}, beat ${ago(one.lastHeartbeatTime)}`;
    const by = `state ${state ?? '?'}, attempt ${attempt ?? '?'} by ${lastWorkerIdentity ?? 'nobody'}, ${signs}`;
    return `it waits for ${activityType?.name ?? '?'}: ${by}${failed === '' ? '' : `; ${failed}`}`;
  });
  const task = raw.pendingWorkflowTask;
  return task ? [...activities, `a task of the workflow waits: attempt ${task.attempt ?? '?'}`] : activities;
}

type Time = { readonly seconds?: { toNumber(): number } | null } | null | undefined;

const ago = (time: Time): string =>
  time?.seconds ? `${Math.round(Date.now() / 1_000 - time.seconds.toNumber())} s ago` : 'never';
