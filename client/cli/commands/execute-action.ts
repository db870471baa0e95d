import { executePlan } from '../../engine/runs/execute-plan.ts';
import type { CliContext } from '../context.ts';
import { watch } from './watch-action.ts';

/** Starts a run; with `watch` it is followed to its end, and the document printed is the status at that end. */
export async function execute(
  context: CliContext,
  options: { planId: string; watch?: boolean; reason?: string },
): Promise<void> {
  const { planId, reason } = options;
  const started = await executePlan(context.deps(), { planId, reason, person: await context.person() });
  const { run, workflowId, environment, digest, notes } = started;
  for (const note of notes) context.note(`note: ${note}`);
  if (options.watch === true) {
    context.note(`started ${run}   ·   Ctrl-C leaves it alone`);
    return watch(context, run);
  }
  const document = {
    execution_id: run,
    workflow_id: workflowId,
    plan_id: started.planId,
    digest,
    environment,
    status: 'queued',
    notes,
  };
  context.print(document, `started ${run}\n  sluice run watch ${run}`);
}
