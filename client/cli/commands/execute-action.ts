import { executePlan } from '../../engine/runs/execute-plan.ts';
import { freezeDocument } from '../../engine/holds/holds-document.ts';
import { tellTimes } from '../../engine/runs/clock.ts';
import type { CliContext } from '../context.ts';
import { lookOf } from '../look.ts';
import { watch } from './watch-action.ts';

export interface ExecuteOptions {
  readonly planId: string;
  readonly watch?: boolean;
  readonly reason?: string;
  readonly at?: string;
  readonly overrideFreeze?: boolean;
}

/** Starts a run; with `watch` it is followed to its end, and the document printed is the status at that end. */
export async function execute(context: CliContext, options: ExecuteOptions): Promise<void> {
  const { planId, reason, at, overrideFreeze: overridesFreeze } = options;
  const wish = { planId, reason, at, overridesFreeze, person: await context.person() };
  const started = await executePlan(context.deps(), wish);
  const { run, workflowId, environment, digest, notes, hold, freeze } = started;
  for (const note of notes) context.note(`note: ${tellTimes(note, lookOf(context).clock)}`);
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
    freeze: freeze && freezeDocument(freeze),
    window: hold && { held_by: hold.heldBy, opens_at: hold.opensAt, reason: hold.reason },
  };
  context.print(document, `started ${run}\n  sluice run watch ${run}`);
}
