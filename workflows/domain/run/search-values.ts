import type { RunPlan } from '../plan/run-plan.ts';
import type { RunSearchAttribute } from '../search-attributes.ts';
import type { Phase } from './run-state.ts';
import { subjectOf } from './run-subject.ts';

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

/** What a run of `plan` is found by in `phase`: set by whoever starts it, and by the run itself when its phase changed. */
export function searchValues(plan: RunPlan, phase: Phase): readonly (readonly [RunSearchAttribute, string])[] {
  return [
    ['SluiceEnvironment', plan.environment.name],
    ['SluiceKind', plan.kind],
    ['SluicePhase', phase],
    ['SluiceVerdict', VERDICT_OF[phase]],
    ['SluiceApplication', subjectOf(plan).name],
  ];
}
