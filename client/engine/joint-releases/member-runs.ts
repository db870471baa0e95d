import { lockPlan } from '../../../activities/adapters/postgres/plans.ts';
import { inTransaction } from '../../../activities/adapters/postgres/pool.ts';
import { lockStarts } from '../../../activities/adapters/postgres/run-places.ts';
import { closeRun, insertRun, readRun, type RunRow } from '../../../activities/adapters/postgres/runs.ts';
import { shownPlainly } from '#domain/control-characters.ts';
import { SluiceError } from '#domain/errors/failure.ts';
import { workflowIdOf, type RunId } from '#domain/ids.ts';
import { lockOf } from '#domain/plan/plan-subject.ts';
import type {
  MemberEnd,
  MemberRuns,
  MemberStart,
  MemberStop,
  StartMemberInput,
  StopMemberInput,
} from '#domain/ports/member.port.ts';
import { isTurningBack } from '#domain/run/run-view.ts';
import type { EngineDeps } from '../engine.ts';
import { patientRead } from '../patient-read.ts';
import { loadPlan } from '../plans/load-plan.ts';
import { executePlan, startPlan } from '../runs/execute-plan.ts';
import { reconcileRun } from '../runs/reconcile-journal.ts';
import { sendCommand } from '../runs/send-command.ts';
import { bringBack } from './bring-back.ts';
import { isRefusal } from './is-refusal.ts';
import { personOf, takenBack, wordOf } from './word-of-release.ts';

/** The runs of members, started and told as people would do it. Everything may be asked again. */
export const memberRuns = (deps: EngineDeps): MemberRuns => ({
  start: (input) => start(deps, input),
  end: (run) => end(deps, run),
  stop: (input) => stop(deps, input),
  bringBack: (input) => bringBack(deps, input),
});

async function start(
  deps: EngineDeps,
  { run, planId, partOf, priority, decisions }: StartMemberInput,
): Promise<MemberStart> {
  const row = await patientRead(deps, (pool) => readRun(pool, run));
  // Heard of: whatever the rules say by now, it goes its way.
  if (row !== null && row.view !== null) return { kind: 'started' };
  const member = { partOf: partOf.release as RunId, decisions };
  // A way back is started by a person's word, and pins what it goes back to; the members of a release are not.
  const via = priority === 'rollback' ? 'cli' : 'engine';
  try {
    const reason = `release ${partOf.name}`;
    const wish = { run: run as RunId, via, person: personOf(partOf), reason, member, priority };
    if (priority === 'rollback') await startPlan(deps, await loadPlan(deps, planId), wish);
    else await executePlan(deps, { ...wish, planId });
    return { kind: 'started' };
  } catch (error) {
    if (isRefusal(error)) return { kind: 'refused', why: error.message };
    throw error;
  }
}

async function end(deps: EngineDeps, run: string): Promise<MemberEnd | null> {
  const row = await patientRead(deps, (pool) => readRun(pool, run));
  if (row === null) return null;
  if (row.closed) return endOf(row);
  // Terminated, or never started: it will not say so itself.
  await reconcileRun(deps, row.run);
  return null;
}

/** A run that failed or did not get back after it had prepared its release may have left something of it. */
function endOf({ phase, view }: RunRow): MemberEnd {
  const reason = view && 'reason' in view.state ? view.state.reason : '';
  const hasBegun = (view?.traffic?.release ?? null) !== null;
  const isWhole = phase !== 'failed' && phase !== 'rollback-incomplete';
  return { phase, reason, mayStand: hasBegun && !isWhole };
}

async function stop(deps: EngineDeps, input: StopMemberInput): Promise<MemberStop | null> {
  const row = (await patientRead(deps, (pool) => readRun(pool, input.run))) ?? (await neverStart(deps, input));
  if (row.closed) return row.view === null ? { kind: 'never-started' } : { kind: 'ended', end: endOf(row) };
  if (!isTurningBack(row.view)) await tell(deps, row, input);
  await reconcileRun(deps, row.run);
  return null;
}

const LONGEST_REASON = 500;

/** By an id of its own, so that it is told once however often this is repeated. */
async function tell(deps: EngineDeps, row: RunRow, { partOf, reason }: StopMemberInput): Promise<void> {
  const { by, verified } = partOf;
  const said = shownPlainly(takenBack(partOf, reason)).slice(0, LONGEST_REASON);
  const args = {
    commandId: `back-${row.run}`,
    by,
    via: await wordOf(deps, row.environment),
    verified,
    reason: said,
  } as const;
  try {
    await sendCommand(deps, row, { name: 'rollBackRun', args });
  } catch (error) {
    // On its way back already, over, or not heard of yet: the next look tells.
    if (!(error instanceof SluiceError)) throw error;
  }
}

/**
 * Writes the row of a member that was not started as one that is over. A start that is still on its way, from a worker that
 * stood still meanwhile, finds it and begins nothing.
 */
async function neverStart(deps: EngineDeps, { run, planId, partOf }: StopMemberInput): Promise<RunRow> {
  const { plan } = await loadPlan(deps, planId);
  const id = run as RunId;
  const environment = plan.environment.name;
  return inTransaction(await deps.database(), async (connection) => {
    await lockPlan(connection, plan.planId);
    await lockStarts(connection, environment);
    if ((await readRun(connection, run)) === null) {
      const workflowId = workflowIdOf(id, plan.kind);
      const row = { run: id, workflowId, planId: plan.planId, environment, kind: plan.kind, lock: lockOf(plan) };
      await insertRun(connection, { ...row, startedBy: partOf.by, place: null, partOf: partOf.release as RunId });
      await closeRun(connection, id, { phase: 'cancelled', at: new Date().toISOString(), view: null });
    }
    const written = await readRun(connection, run);
    if (written === null) throw new Error(`the row of ${run} was written and is not there`);
    return written;
  });
}
