import { insertPlan, type StoredPlan } from '../../../activities/adapters/postgres/plans.ts';
import type { Pool } from '../../../activities/adapters/postgres/pool.ts';
import { readKeptReleases, type KeptRelease } from '../../../activities/adapters/postgres/releases-of-applications.ts';
import { readRun, type RunRow } from '../../../activities/adapters/postgres/runs.ts';
import type { Environment } from '#domain/environments/environment.ts';
import type { PlanId, RunId } from '#domain/ids.ts';
import { KEPT_RELEASES } from '#domain/plan/settle-release.ts';
import type { MemberReturn, ReturnMemberInput } from '#domain/ports/member.port.ts';
import type { EngineDeps } from '../engine.ts';
import { loadConfiguration } from '../environments/load-configuration.ts';
import { environmentNamed } from '../environments/load-environment.ts';
import { repeatableWrite } from '../environments/repeatable-write.ts';
import { patientRead } from '../patient-read.ts';
import { isSame } from '../releases/choose-release.ts';
import { planTo } from '../releases/roll-back-application.ts';
import { readStoredPlan } from '../plans/load-plan.ts';
import { startPlan } from '../runs/execute-plan.ts';
import { isRefusal } from './is-refusal.ts';

/** Starts a run that brings back what a completed member replaced; the same id again is the same run. */
export async function bringBack(deps: EngineDeps, input: ReturnMemberInput): Promise<MemberReturn> {
  const ground = await patientRead(deps, (pool) => survey(pool, input));
  if (ground.kind !== 'possible') return ground;
  const { target, environment, kept, isStarted } = ground;
  if (isStarted) return { kind: 'started', version: target.version };
  const { by, verified, name, release } = input.partOf;
  const person = { name: by, roles: [], verified };
  const reason = `release ${name} is taken back: ${input.reason}`;
  const stored = planTo(target, { environment, kept }, { person, reason, planId: planIdOf(input.run) });
  return begin(deps, stored, { input, target, reason, person, release: release as RunId });
}

/** One plan for each way back, whichever try makes it. */
const planIdOf = (run: string): PlanId => run.replace(/^exe_/, 'plan_') as PlanId;

interface Beginning {
  readonly input: ReturnMemberInput;
  readonly target: KeptRelease;
  readonly reason: string;
  readonly person: { readonly name: string; readonly roles: readonly string[]; readonly verified: boolean };
  readonly release: RunId;
}

async function begin(deps: EngineDeps, stored: StoredPlan, wish: Beginning): Promise<MemberReturn> {
  const { input, target, reason, person, release } = wish;
  try {
    const kept = await repeatableWrite(deps, (pool) => keepPlan(pool, stored));
    const member = { run: input.run as RunId, partOf: release, decisions: [] };
    await startPlan(deps, kept, { person, reason, priority: 'rollback', member });
    return { kind: 'started', version: target.version };
  } catch (error) {
    if (isRefusal(error)) return { kind: 'impossible', why: error.message };
    throw error;
  }
}

/** The plan of an earlier try stays as it was. */
async function keepPlan(pool: Pool, stored: StoredPlan): Promise<StoredPlan> {
  await insertPlan(pool, stored);
  return readStoredPlan(pool, stored.plan.planId);
}

type Ground =
  | Exclude<MemberReturn, { kind: 'started' }>
  | {
      readonly kind: 'possible';
      readonly target: KeptRelease;
      readonly environment: Environment;
      readonly kept: readonly KeptRelease[];
      readonly isStarted: boolean;
    };

const noWay = (why: string): Ground => ({ kind: 'impossible', why });

async function survey(pool: Pool, input: ReturnMemberInput): Promise<Ground> {
  const member = await readRun(pool, input.member);
  if (member === null) return noWay('its run is not known any more');
  const place = { environment: member.environment, application: member.subject.name };
  const environment = environmentNamed(await loadConfiguration(pool), place.environment);
  const kept = await readKeptReleases(pool, place, KEPT_RELEASES + 1);
  const back = await readRun(pool, input.run);
  return judge(member, { environment, kept, isStarted: back !== null && back.view !== null });
}

function judge(
  { view }: RunRow,
  { environment, kept, isStarted }: { environment: Environment; kept: readonly KeptRelease[]; isStarted: boolean },
): Ground {
  const before = view?.traffic?.before ?? null;
  if (before === null) return noWay('nothing was in use before it');
  const target = kept.find(({ release }) => release === before.release);
  if (target === undefined) return noWay(`release ${before.release} (${before.version}) is not kept any more`);
  const possible: Ground = { kind: 'possible', target, environment, kept, isStarted };
  if (isStarted) return possible;
  const current = kept.find(({ state }) => state === 'stable');
  if (current && current.release !== view?.traffic?.release) {
    return {
      kind: 'not-needed',
      why: `${current.version} (release ${current.release}) is in use since, and is left alone`,
    };
  }
  if (current && isSame(current, target))
    return { kind: 'not-needed', why: `${before.version} was in use before, too` };
  return possible;
}
