import { ulid } from 'ulid';
import { inTransaction, type Pool } from '../../../activities/adapters/postgres/pool.ts';
import type { StoredPlan } from '../../../activities/adapters/postgres/plans.ts';
import { closeRun, type RunRow } from '../../../activities/adapters/postgres/runs.ts';
import type { ApprovalDecision } from '#domain/approvals/approval.ts';
import type { Freeze } from '#domain/coordination/holds.ts';
import type { PlaceWish } from '#domain/coordination/place.ts';
import { SluiceError } from '#domain/errors/failure.ts';
import { workflowIdOf, type PlanId, type RunId } from '#domain/ids.ts';
import { standing } from '#domain/plan/early-decisions.ts';
import type { Plan } from '#domain/plan/plan.ts';
import { runPlanOf } from '#domain/plan/run-plan.ts';
import { DEFAULT_QUEUES, onOneQueue } from '#domain/queues.ts';
import type { RunInput } from '#domain/run/run-input.ts';
import type { Hold } from '#domain/windows/clearance.ts';
import type { EngineDeps, Person } from '../engine.ts';
import { expectFreezeOverride } from '../holds/expect-freeze-override.ts';
import { repeatableWrite } from '../environments/repeatable-write.ts';
import { plainText } from '../plain-text.ts';
import { loadPlan } from '../plans/load-plan.ts';
import { waitForPart } from '../wait-for-part.ts';
import { closeRow, findEnding } from './close-row.ts';
import type { Ending } from './final-entry.ts';
import { joinLine, type Joined, type Joining } from './join-line.ts';
import { changesSince } from './present-since.ts';
import { remindersOf } from './reminders-of.ts';
import { earlyDecisions, refuseAgainstRules } from './start-rules.ts';
import { refuseBeforeStart } from './refuse-before-start.ts';
import { freezeNote, heldByFreeze, lapseNote, waitNote, type Placed } from './start-notes.ts';
import { startRun } from './start-run.ts';
import { describeHold, settleTiming, UNTIMED, type StartTiming } from './start-timing.ts';
import { inProgress, placeOf, supersede } from './supersede-run.ts';
import { readCallFailure } from './temporal-errors.ts';

interface StartWish {
  readonly person: Person;
  readonly reason?: string | undefined;
  /** A way back goes before everything that has not begun. */
  readonly priority?: PlaceWish['priority'];
  /** Refused while another run of the plan is open: two who start it at the same moment mean one run. */
  readonly isOnly?: boolean;
  /** The rules of the environment are asked before each step. */
  readonly asksPolicy?: boolean;
  /** Left out: nothing holds the run. */
  readonly timing?: StartTiming;
  /** Passes the freeze that is in force now, for the reason given; no later one. */
  readonly overridesFreeze?: boolean | undefined;
  /** Chosen before, so that a start that is repeated starts nothing a second time. */
  readonly run?: RunId;
  /** By which way it is started; left out: a person's command line. */
  readonly via?: string;
  /** The one queue to which it goes with all that it does; left out: the usual ones. */
  readonly queue?: string;
  /** Of a release of several applications. */
  readonly member?: Membership;
}

/** What a run is told that a release of several applications starts. */
export interface Membership {
  readonly partOf: RunId;
  /** Given for the release. */
  readonly decisions: readonly ApprovalDecision[];
}

export interface ExecuteWish extends Omit<StartWish, 'timing' | 'asksPolicy' | 'queue'> {
  readonly planId: string;
  /** When its effects begin: a time with its zone, or `22:30` on the clock of the environment's windows. */
  readonly at?: string | undefined;
}

export interface StartedRun {
  readonly run: RunId;
  readonly workflowId: string;
  readonly planId: PlanId;
  readonly digest: string;
  readonly environment: string;
  /** What changed since the plan was made, and approvals given before the start that do not count any more. */
  readonly notes: readonly string[];
  /** Why its first effect waits; null when it does not. */
  readonly hold: Hold | null;
  /** Nobody begins in its environment, and it waits; null when it does not have to. */
  readonly freeze: Freeze | null;
}

/**
 * Starts a run of a plan; it goes on by itself from here: when its window is open, and it is its turn. Throws PLAN_NOT_FOUND,
 * PLAN_STALE, RELEASE_OUTDATED, VERSION_PINNED, REASON_REQUIRED for an override without one, START_TIME_INVALID, SCHEDULE_OVER, SCHEDULE_IN_NO_WINDOW, DEPLOYMENT_IN_PROGRESS naming who
 * holds what it may not wait for, STACK_NOT_RUNNING when nothing was started, or
 * COMMAND_UNANSWERED naming the run when Temporal left while it was started. USAGE for a reason that no terminal can show.
 */
export async function executePlan(deps: EngineDeps, wish: ExecuteWish): Promise<StartedRun> {
  plainText(wish.reason ?? '', '--reason');
  const stored = await loadPlan(deps, wish.planId);
  const environment = await refuseAgainstRules(deps, stored);
  if (wish.overridesFreeze === true) expectFreezeOverride(stored.plan, wish);
  const now = new Date().toISOString();
  // A release of several applications waits once for all of them, and does not stop half-way out.
  const timing = wish.member ? UNTIMED : settleTiming({ plan: stored.plan, environment, at: wish.at, now });
  const changes = await changesSince(deps, stored.plan);
  const asksPolicy = environment.policyRules.length > 0;
  const started = await startPlan(deps, stored, { ...wish, timing, asksPolicy });
  return { ...started, notes: [...changes, ...started.notes] };
}

/** The same without a look at windows and at rules that came later: for ways back. Throws as `executePlan` else. */
export async function startPlan(deps: EngineDeps, stored: StoredPlan, wish: StartWish): Promise<StartedRun> {
  const { plan, digest } = stored;
  // Before its row is written, so that a missing server leaves nothing behind.
  const client = await deps.temporal();
  const reminders = await remindersOf(deps, stored.plan);
  const { priority = 'normal', isOnly = false, overridesFreeze = false, member, queue } = wish;
  if (priority !== 'rollback') await refuseBeforeStart(deps, plan, wish.run);
  const { run = `exe_${ulid()}` as RunId } = wish;
  if (isToSupersede(plan)) await supersede(deps, { stored, person: wish.person, by: run, isOnly });
  const by = wish.person.name;
  const partOf = member?.partOf ?? null;
  const placed = await takePlace(deps, { run, stored, by, priority, isOnly, overridesFreeze, partOf });
  const { place, insertedAtMs } = placed;
  try {
    // Read after the row was written: an approval on the plan is now either here or sent to the run.
    const early = await earlyDecisions(deps, plan);
    const server = { client, address: deps.settings.temporalAddress };
    const decisions = [...standing(early), ...(member?.decisions ?? [])];
    const input = { ...inputOf(run, stored, wish), ...reminders, ...(place && { place }), decisions };
    await startRun(server, input, { insertedAtMs, queue });
    const started = { run, workflowId: workflowIdOf(run, plan.kind), planId: plan.planId, digest };
    const hold = wish.timing?.hold ?? null;
    const freeze = heldByFreeze(placed);
    const notes = [
      ...waitNote(placed),
      ...freezeNote(placed, { run, overridesFreeze, environment: plan.environment.name }),
      ...early.flatMap(lapseNote),
      ...(hold ? [describeHold(hold, run)] : []),
    ];
    return { ...started, environment: plan.environment.name, notes, hold, freeze };
  } catch (error) {
    await noteRefusedStart(deps, run, error);
    throw error;
  }
}

/** A newer version takes over from one that is still on its way, where its plan says so. */
const isToSupersede = (plan: Plan): boolean =>
  plan.kind === 'container-release' && plan.rules.whileRunning === 'supersede';

/**
 * Writes the run's row: it has its place in the line then. Where it may not wait, a holder that is surely over is put away
 * first. A database that leaves meanwhile is waited for.
 */
async function takePlace(deps: EngineDeps, joining: Joining): Promise<Placed> {
  return repeatableWrite(deps, async (pool) => {
    const triedMs = performance.now();
    const joined = await joinLine(pool, joining);
    const last = joined.kind === 'refused' ? await afterHolder(deps, pool, { joining, holder: joined.holder }) : joined;
    return { place: last.place, behind: last.behind, freeze: last.freeze, insertedAtMs: triedMs };
  });
}

interface Kept {
  readonly joining: Joining;
  readonly holder: RunRow;
}

async function afterHolder(
  deps: EngineDeps,
  pool: Pool,
  { joining, holder }: Kept,
): Promise<Extract<Joined, { kind: 'joined' }>> {
  const ending = await findHolderEnding(deps, holder);
  if (ending) await closeRow(deps, holder.run, { ending, view: holder.view });
  const joined = ending ? await joinLine(pool, joining) : { kind: 'refused' as const, holder };
  if (joined.kind === 'refused') throw inProgress(placeOf(joining.stored), joined.holder);
  return joined;
}

function findHolderEnding(deps: EngineDeps, holder: RunRow): Promise<Ending | null> {
  const { temporalAddress: address, waitForPartMs: forMs } = deps.settings;
  const isPassing = (error: unknown): boolean => readCallFailure(error).kind === 'unreachable';
  return waitForPart({ part: 'Temporal', address, forMs, note: () => undefined, isPassing }, () =>
    findEnding(deps, holder),
  );
}

function inputOf(run: RunId, { plan, digest }: StoredPlan, wish: StartWish): Omit<RunInput, 'decisions'> {
  const { person, reason, timing, via = 'cli', queue, asksPolicy = false } = wish;
  const { fleet, telemetry, data, docker } = queue === undefined ? DEFAULT_QUEUES : onOneQueue(queue);
  const { name: by, verified } = person;
  const startedBy = { by, via, verified, reason: reason?.trim() ? reason : 'no reason given' };
  const queues = { fleet, telemetry, data, docker };
  const asked = asksPolicy ? { asksPolicy } : {};
  const always = { schema: 1, run, plan: runPlanOf(plan), digest, startedBy, queues, startTold: 'once' } as const;
  return { ...always, ...timing?.input, ...asked };
}

/** A start that the server refused gives the environment back at once; one that it may have taken is left to the reconciler. */
async function noteRefusedStart(deps: EngineDeps, run: RunId, error: unknown): Promise<void> {
  if (error instanceof SluiceError && error.code === 'COMMAND_UNANSWERED') return;
  const end = { phase: 'failed', at: new Date().toISOString(), view: null } as const;
  const close = async (): Promise<void> =>
    inTransaction(await deps.database(), (connection) => closeRun(connection, run, end));
  // Without a database the row is left to the reconciler, too; the refusal itself is what the person has to hear.
  await close().catch(() => undefined);
}
