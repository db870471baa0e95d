import { DEVICES } from '#domain/coordination/admission.ts';
import type { Pin } from '#domain/coordination/holds.ts';
import { lockOf } from '#domain/plan/plan-subject.ts';
import { subjectOf } from '#domain/run/run-subject.ts';
import { now } from '../runtime/clock.ts';
import type { RunContext } from './run-context.ts';
import { hasBegun } from './step-aside.ts';

/**
 * What a run that is over went back to by a person's word, and where that stays until somebody unpins it; null when it did
 * not. A breach pins nothing: the next version is its cure.
 */
export function pinAfter(run: RunContext): Pin | null {
  const { plan, place, run: id } = run.record.input;
  const back = whoseWord(run);
  if (back === null) return null;
  const { by, reason, versions } = back;
  return { subject: place?.subject ?? (lockOf(plan) || DEVICES), versions, by, reason, since: now(), run: id };
}

function whoseWord(run: RunContext): Pick<Pin, 'by' | 'reason' | 'versions'> | null {
  const { state, interrupt, input } = run.record;
  const { by, via, reason } = input.startedBy;
  if (state.phase === 'completed' && input.place?.priority === 'rollback' && via !== 'engine') {
    return { by, reason, versions: [subjectOf(input.plan).version] };
  }
  const isBack = state.phase === 'rolled-back' || state.phase === 'rollback-incomplete';
  if (!isBack || interrupt?.why !== 'roll-back' || interrupt.via === 'engine' || !hasBegun(run)) return null;
  const versions = before(run);
  return versions === null ? null : { by: interrupt.by, reason: interrupt.reason, versions };
}

/**
 * Null where there was nothing before. Devices go back each to its own firmware: which those are stands in the database,
 * and is added where the pin is written.
 */
function before({ record }: RunContext): readonly string[] | null {
  if (record.input.plan.kind === 'fleet-rollout') return [];
  const release = record.traffic?.before ?? null;
  return release && [release.version];
}
