import { Context } from '@temporalio/activity';
import type { Decider } from '../adapters/postgres/offers.ts';

/** Who decides here: an attempt at an activity of a run. Temporal's SDK numbers the activities of an execution. */
export function thisAttempt(): Decider {
  const { activityId, attempt, workflowExecution } = Context.current().info;
  const number = Number(activityId);
  const activity = Number.isSafeInteger(number) ? number : 0;
  return { execution: workflowExecution?.runId ?? '', activity, attempt };
}
