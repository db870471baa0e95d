import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { RunPlan } from '#domain/plan/run-plan.ts';
import type { Phase } from '#domain/run/run-state.ts';
import type { RunView } from '#domain/run/run-view.ts';
import type { RunSearchAttribute } from '#domain/search-attributes.ts';
import { runPage } from './run-page.ts';

const keyword = (name: RunSearchAttribute) => defineSearchAttributeKey(name, SearchAttributeType.KEYWORD);
const KEYS = {
  environment: keyword('SluiceEnvironment'),
  kind: keyword('SluiceKind'),
  phase: keyword('SluicePhase'),
  verdict: keyword('SluiceVerdict'),
  application: keyword('SluiceApplication'),
};

const VERDICT_OF: Readonly<Record<Phase, string>> = {
  queued: 'open',
  'waiting-for-window': 'open',
  'awaiting-approval': 'open',
  running: 'open',
  paused: 'open',
  'rolling-back': 'unhealthy',
  completed: 'healthy',
  'rolled-back': 'unhealthy',
  cancelled: 'stopped',
  failed: 'failed',
  'rollback-incomplete': 'unhealthy',
};

/** Sets the page that people read in Temporal's UI; costs no event. */
export function showRun(view: RunView, plan: RunPlan): void {
  setCurrentDetails(runPage(view, plan));
}

/** Sets what the run is found by. One event: called when the phase changed. */
export function indexRun(view: RunView, plan: RunPlan): void {
  upsertSearchAttributes([
    { key: KEYS.environment, value: plan.environment.name },
    { key: KEYS.kind, value: plan.kind },
    { key: KEYS.phase, value: view.state.phase },
    { key: KEYS.verdict, value: VERDICT_OF[view.state.phase] },
    { key: KEYS.application, value: view.subject.name },
  ]);
}
