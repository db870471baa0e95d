import { findPlan, insertPlan } from '../../../activities/adapters/postgres/plans.ts';
import { readRun } from '../../../activities/adapters/postgres/runs.ts';
import type { PlanId, RunId } from '#domain/ids.ts';
import type { MemberReturn, ReturnMemberInput } from '#domain/ports/member.port.ts';
import { subjectOf } from '#domain/run/run-subject.ts';
import type { EngineDeps } from '../engine.ts';
import { repeatableWrite } from '../environments/repeatable-write.ts';
import { patientRead } from '../patient-read.ts';
import { loadPlan } from '../plans/load-plan.ts';
import { storedRollback } from '../releases/stored-rollback.ts';
import { startPlan } from '../runs/execute-plan.ts';
import { isRefusal } from './is-refusal.ts';
import { wayBackOfMember } from './way-back-of-member.ts';
import { personOf, takenBack, wordOf } from './word-of-release.ts';

/** Starts a run that brings back what a completed member replaced; the same id again is the same run. */
export async function bringBack(deps: EngineDeps, input: ReturnMemberInput): Promise<MemberReturn> {
  const planId = planIdOf(input.run);
  // Planned by an earlier try: what is in use may be that run's own work by now.
  const isPlanned = (await patientRead(deps, (pool) => findPlan(pool, planId))) !== null;
  const refused = isPlanned ? null : await plan(deps, input, planId);
  if (refused) return refused;
  const { version } = subjectOf((await loadPlan(deps, planId)).plan);
  const row = await patientRead(deps, (pool) => readRun(pool, input.run));
  return row !== null && row.view !== null ? { kind: 'started', version } : begin(deps, input, version);
}

/** One plan for each way back, whichever try makes it. */
const planIdOf = (run: string): PlanId => run.replace(/^exe_/, 'plan_') as PlanId;

async function plan(deps: EngineDeps, input: ReturnMemberInput, planId: PlanId): Promise<MemberReturn | null> {
  const way = await patientRead(deps, (pool) => wayBackOfMember(pool, input.member));
  if (way.kind !== 'possible') return way;
  const stored = storedRollback({ ...way, by: input.partOf.by, reason: takenBack(input.partOf, input.reason), planId });
  await repeatableWrite(deps, (pool) => insertPlan(pool, stored));
  return null;
}

async function begin(deps: EngineDeps, input: ReturnMemberInput, version: string): Promise<MemberReturn> {
  const member = { partOf: input.partOf.release as RunId, decisions: [] };
  const run = input.run as RunId;
  try {
    const stored = await loadPlan(deps, planIdOf(input.run));
    const person = personOf(input.partOf);
    const wish = {
      run,
      via: await wordOf(deps, stored.plan.environment.name),
      person,
      reason: takenBack(input.partOf, input.reason),
      priority: 'rollback',
      member,
    } as const;
    await startPlan(deps, stored, wish);
    return { kind: 'started', version };
  } catch (error) {
    if (isRefusal(error)) return { kind: 'impossible', why: error.message };
    throw error;
  }
}
