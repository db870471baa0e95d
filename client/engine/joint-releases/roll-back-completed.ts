import { ulid } from 'ulid';
import { insertJointRelease, type JointReleaseRow } from '../../../activities/adapters/postgres/joint-releases.ts';
import { insertPlan, type StoredPlan } from '../../../activities/adapters/postgres/plans.ts';
import { inTransaction } from '../../../activities/adapters/postgres/pool.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import type { PlanId } from '#domain/ids.ts';
import { jointSteps, versionOf } from '#domain/joint-releases/settle-joint-release.ts';
import type { ContainerPlan } from '#domain/plan/container-plan.ts';
import type { JointPlan, PlannedMember } from '#domain/plan/joint-plan.ts';
import type { MemberView } from '#domain/run/run-view.ts';
import type { EngineDeps, Person } from '../engine.ts';
import { repeatableWrite } from '../environments/repeatable-write.ts';
import { patientRead } from '../patient-read.ts';
import { planDigest } from '../plans/digest.ts';
import { storedRollback } from '../releases/stored-rollback.ts';
import { startPlan, type StartedRun } from '../runs/execute-plan.ts';
import { takenBack } from './word-of-release.ts';
import { wayBackOfMember, type WayBackOfMember } from './way-back-of-member.ts';

interface BackWish {
  readonly release: JointReleaseRow;
  readonly person: Person;
  readonly reason: string;
}

/** A run that takes a completed release back was started. */
export interface ReleaseBack {
  readonly kind: 'started';
  readonly started: StartedRun;
  /** What stays as it is, and why. */
  readonly notes: readonly string[];
}

interface Member {
  readonly planned: PlannedMember;
  readonly way: WayBackOfMember;
}

/** Takes a completed release back in reverse order, without approval and whatever the window. Throws JOINT_RELEASE_NO_WAY_BACK. */
export async function rollBackCompleted(deps: EngineDeps, wish: BackWish): Promise<ReleaseBack> {
  const members = await lookAtMembers(deps, wish.release);
  const notes = members.flatMap(({ planned, way }) =>
    way.kind === 'possible' ? [] : [`${planned.application} ${planned.version} stays: ${way.why}`],
  );
  const plans = members.flatMap((member) => planBack(member, wish));
  if (plans.length === 0) {
    throw sluiceError('JOINT_RELEASE_NO_WAY_BACK', { release: wish.release.name, why: notes.join('; ') });
  }
  const stored = jointPlanBack(plans, wish);
  await repeatableWrite(deps, (pool) =>
    inTransaction(pool, async (connection) => {
      for (const { own } of plans) await insertPlan(connection, own);
      await insertPlan(connection, stored);
      await insertJointRelease(connection, stored.plan);
    }),
  );
  const started = await startPlan(deps, stored, { person: wish.person, reason: wish.reason });
  return { kind: 'started', started, notes };
}

function lookAtMembers(deps: EngineDeps, { plan, run }: JointReleaseRow): Promise<Member[]> {
  const runOf = (application: string): string | null =>
    run?.view?.members?.find((one: MemberView) => one.application === application)?.run ?? null;
  return patientRead(deps, async (pool) => {
    const found: Member[] = [];
    for (const planned of plan.members.toReversed()) {
      const own = runOf(planned.application);
      const way: WayBackOfMember =
        own === null ? { kind: 'impossible', why: 'its run is not known' } : await wayBackOfMember(pool, own);
      found.push({ planned, way });
    }
    return found;
  });
}

interface PlannedBack {
  readonly planned: PlannedMember;
  readonly own: StoredPlan<ContainerPlan>;
}

function planBack({ planned, way }: Member, { person, reason, release }: BackWish): PlannedBack[] {
  if (way.kind !== 'possible') return [];
  const planId = `plan_${ulid()}` as PlanId;
  const why = takenBack(release, reason);
  const own = storedRollback({ ...way, planId, by: person.name, reason: why });
  return [{ planned, own }];
}

function jointPlanBack(plans: readonly PlannedBack[], { release, person, reason }: BackWish): StoredPlan<JointPlan> {
  const last = Math.max(...plans.map(({ planned }) => planned.wave));
  // Waves without anybody left in them are no waves.
  const waves = [...new Set(plans.map(({ planned }) => last - planned.wave))].sort((a, b) => a - b);
  const members = plans.map(({ planned, own }): PlannedMember => ({
    ...planned,
    version: own.plan.application.version,
    planId: own.plan.planId,
    digest: own.digest,
    wave: waves.indexOf(last - planned.wave) + 1,
    needs: [],
    strategy: own.plan.strategy.kind,
    replicas: own.plan.application.replicas,
    before: own.plan.present && { release: own.plan.present.release, version: own.plan.present.version },
  }));
  const name = `${release.name}-back`;
  const { schedule: _schedule, ...before } = release.plan;
  const plan: JointPlan = {
    ...before,
    planId: `plan_${ulid()}` as PlanId,
    name: `${release.name} back in ${release.environment}`,
    description: reason,
    author: person.name,
    createdAt: new Date().toISOString(),
    release: { name, version: versionOf(members) },
    notes: '',
    isWayBack: true,
    members,
    steps: jointSteps(members, null),
    overrides: [{ rule: 'ROLLBACK_WITHOUT_APPROVAL', by: person.name, reason }],
  };
  return { plan, digest: planDigest(plan) };
}
