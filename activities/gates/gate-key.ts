import { createHash } from 'node:crypto';
import { Context } from '@temporalio/activity';
import type { EvaluateGateInput } from '#domain/ports/gates.port.ts';

/** What one evaluation of a gate is known by in all of its attempts; the same gate evaluated anew has another. */
export interface EvaluationKey {
  /** For people and commands: `exe_…/gate-security_scan/4c3f…`. */
  readonly key: string;
  /** The id under which its evidence is stored, so that no attempt stores it twice. */
  readonly evidence: string;
}

export function evaluationKey({ run, step }: EvaluateGateInput): EvaluationKey {
  const { activityId, workflowExecution } = Context.current().info;
  const digest = createHash('sha256')
    .update(JSON.stringify([run, step.id, workflowExecution?.runId ?? '', activityId]))
    .digest('hex');
  return { key: `${run}/${step.id}/${digest.slice(0, 12)}`, evidence: `evd_${digest.slice(0, 26)}` };
}
