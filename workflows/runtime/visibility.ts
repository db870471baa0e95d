import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { RunPlan } from '#domain/plan/run-plan.ts';
import type { Phase } from '#domain/run/run-state.ts';
import type { RunView } from '#domain/run/run-view.ts';
import { searchValues } from '#domain/run/search-values.ts';
import { runPage } from './run-page.ts';

/** Sets the page that people read in Temporal's UI; costs no event. */
export function showRun(view: RunView, plan: RunPlan): void {
  setCurrentDetails(runPage(view, plan));
}

/** Sets what the run is found by. One event: called when the phase changed. */
export function indexRun(phase: Phase, plan: RunPlan): void {
  upsertSearchAttributes(
    searchValues(plan, phase).map(([name, value]) => ({
      key: defineSearchAttributeKey(name, SearchAttributeType.KEYWORD),
      value,
    })),
  );
}
