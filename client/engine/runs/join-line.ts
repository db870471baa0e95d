import { databaseTime } from '../../../activities/adapters/postgres/freezes.ts';
import { readHolds } from '../../../activities/adapters/postgres/holds.ts';
import { inTransaction, type Connection, type Pool } from '../../../activities/adapters/postgres/pool.ts';
import { lockPlan, type StoredPlan } from '../../../activities/adapters/postgres/plans.ts';
import { lockStarts, nextTicket, openRivals } from '../../../activities/adapters/postgres/run-places.ts';
import { insertRun, readRun, renewRun, type RunRow } from '../../../activities/adapters/postgres/runs.ts';
import { DEVICES } from '#domain/coordination/admission.ts';
import { freezeAt, type Freeze } from '#domain/coordination/holds.ts';
import type { PlaceWish } from '#domain/coordination/place.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import { workflowIdOf, type RunId } from '#domain/ids.ts';
import type { FleetPlan } from '#domain/plan/plan.ts';
import { lockOf } from '#domain/plan/plan-subject.ts';
import { subjectOf } from '#domain/run/run-subject.ts';
import { loadConfiguration } from '../environments/load-configuration.ts';
import { maximumAtOnce } from '../environments/maximum-at-once.ts';
import { environmentNamed } from '../environments/load-environment.ts';
import { refuseCalledOff } from '../joint-releases/refuse-called-off.ts';
import { readStoredPlan } from '../plans/load-plan.ts';
import { refuseInEmergency } from './refuse-before-start.ts';
import { overlapping, takesShares, type FleetRun } from './overlapping-devices.ts';

export interface Joining {
  readonly run: RunId;
  readonly stored: StoredPlan;
  readonly by: string;
  readonly priority: PlaceWish['priority'];
  /** Not beside another open run of the same plan. */
  readonly isOnly: boolean;
  /** It passes the freeze that is in force now. */
  readonly overridesFreeze: boolean;
  readonly partOf: RunId | null;
}

export type Joined =
  | {
      readonly kind: 'joined';
      /** Null for a release of several applications: it changes nothing itself, its members have places. */
      readonly place: PlaceWish | null;
      /** Open runs of the same subject that were started before. */
      readonly behind: readonly string[];
      /** By an earlier try that seemed to fail. */
      readonly isAgain: boolean;
      /** In force when it joined. */
      readonly freeze: Freeze | null;
    }
  /** Its plan, or the age of the one that is open, does not let it wait behind. */
  | { readonly kind: 'refused'; readonly holder: RunRow };

/** Writes the run's row with its place in the line of its environment; safe to repeat. Throws EMERGENCY_OPEN. */
export async function joinLine(pool: Pool, joining: Joining): Promise<Joined> {
  const { run, stored, by, partOf } = joining;
  const { planId, kind, environment } = stored.plan;
  const lock = lockOf(stored.plan);
  return inTransaction(pool, async (connection) => {
    // An approval on the plan is committed before, and read by the start, or comes after and is sent to the run.
    await lockPlan(connection, planId);
    await lockStarts(connection, environment.name);
    const present = await readRun(connection, run);
    if (present) return again(connection, present);
    if (stored.plan.kind === 'joint-release') await refuseCalledOff(connection, stored.plan);
    // Under this lock, too: an emergency knows every run that was started before it.
    if (joining.priority === 'normal') await refuseInEmergency(connection, environment.name);
    const rivals = await openRivals(connection, { environment: environment.name, lock });
    const twin = joining.isOnly ? rivals.find((one) => one.planId === planId) : undefined;
    const holder = twin
      ? await readRun(connection, twin.run)
      : rivals[0] &&
        (mayWait(joining) ? await fromBefore(connection, rivals) : await readRun(connection, rivals[0].run));
    if (holder) return { kind: 'refused', holder };
    const { place, behind, freeze } = await wishOf(connection, { ...joining, rivals });
    const workflowId = workflowIdOf(run, kind);
    await insertRun(connection, {
      run,
      workflowId,
      planId,
      environment: environment.name,
      lock,
      kind,
      startedBy: by,
      place,
      partOf,
    });
    return { kind: 'joined', place, behind, isAgain: false, freeze };
  });
}

/** Written by an earlier try. One that was closed meanwhile must not begin any more. Throws RUN_ALREADY_CLOSED. */
async function again(connection: Connection, { run, phase, closed, place }: RunRow): Promise<Joined> {
  if (closed) throw sluiceError('RUN_ALREADY_CLOSED', { run, phase });
  await renewRun(connection, run);
  return { kind: 'joined', place, behind: [], isAgain: true, freeze: null };
}

/** Of a release of several applications one run at a time: its members would meet each other. */
const mayWait = ({ stored: { plan } }: Joining): boolean =>
  plan.kind === 'fleet-rollout' || (plan.kind === 'container-release' && plan.rules.whileRunning !== 'refuse');

type Rival = Awaited<ReturnType<typeof openRivals>>[number];

/** A run from before there were lines holds its subject without a word to anybody: it is waited for by people. */
async function fromBefore(connection: Connection, rivals: readonly Rival[]): Promise<RunRow | null> {
  const old = rivals.find(({ hasPlace }) => !hasPlace);
  return old ? readRun(connection, old.run) : null;
}

interface Wish {
  readonly place: PlaceWish | null;
  readonly behind: readonly string[];
  readonly freeze: Freeze | null;
}

async function wishOf(
  connection: Connection,
  { stored: { plan }, priority, overridesFreeze, rivals }: Joining & { readonly rivals: readonly Rival[] },
): Promise<Wish> {
  const whole = await loadConfiguration(connection);
  const environment = environmentNamed(whole, plan.environment.name);
  const holds = await readHolds(connection, environment.name);
  const freeze = freezeAt(holds, await databaseTime(connection));
  // Its members have places, and wait for the end of a freeze.
  if (plan.kind === 'joint-release')
    return { place: null, behind: [], freeze: plan.isWayBack === true ? null : freeze };
  const place = {
    environment: environment.name,
    ticket: await nextTicket(connection),
    priority,
    maximum: maximumAtOnce(whole, environment),
    version: subjectOf(plan).version,
    holdsRevision: holds.revision,
    ...(overridesFreeze && freeze !== null && { passesFreeze: freeze.id }),
  };
  const all = rivals.map(({ run }) => run);
  if (plan.kind === 'container-release')
    return { place: { ...place, subject: plan.application.name, after: [] }, behind: all, freeze };
  if (takesShares(plan)) return { place: { ...place, subject: DEVICES, after: 'all' }, behind: all, freeze };
  const after = await devicesInCommon(connection, plan, rivals);
  return { place: { ...place, subject: DEVICES, after }, behind: after, freeze };
}

/** A plan that cannot be read any more may reach anything. */
async function devicesInCommon(
  connection: Connection,
  plan: FleetPlan,
  rivals: readonly Rival[],
): Promise<readonly string[]> {
  const unread: string[] = [];
  const read: FleetRun[] = [];
  for (const { run, planId } of rivals) {
    const other = await readStoredPlan(connection, planId).catch(() => null);
    if (other?.plan.kind !== 'fleet-rollout' || takesShares(other.plan)) unread.push(run);
    else read.push({ run, plan: other.plan });
  }
  return [...unread, ...(await overlapping(connection, plan, read))];
}
