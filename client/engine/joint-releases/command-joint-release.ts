import { callOff, type JointReleaseRow } from '../../../activities/adapters/postgres/joint-releases.ts';
import { lockPlan, openRunOf } from '../../../activities/adapters/postgres/plans.ts';
import { inTransaction } from '../../../activities/adapters/postgres/pool.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import type { EngineDeps, Person } from '../engine.ts';
import { repeatableWrite } from '../environments/repeatable-write.ts';
import { plainText } from '../plain-text.ts';
import { commandRun, decideGate, type PlainCommand } from '../runs/command-run.ts';
import type { CommandAnswer } from '../runs/send-command.ts';
import { approvePlan, type ApprovedPlan } from '../plans/approve-plan.ts';
import { findRelease, type NamedRelease } from './find-joint-release.ts';
import { rollBackCompleted, type ReleaseBack } from './roll-back-completed.ts';

export interface ReleaseWish extends NamedRelease {
  readonly person: Person;
  readonly reason: string;
}

/** Pauses or resumes a release under way. Throws JOINT_RELEASE_NOT_STARTED, and as `commandRun`. */
export async function commandRelease(
  deps: EngineDeps,
  command: PlainCommand,
  wish: Omit<ReleaseWish, 'reason'> & { readonly reason?: string | undefined },
): Promise<CommandAnswer> {
  const { name, run } = await findRelease(deps, wish);
  if (run === null) throw sluiceError('JOINT_RELEASE_NOT_STARTED', { release: name });
  return commandRun(deps, command, { run: run.run, person: wish.person, reason: wish.reason });
}

export type Cancelled =
  | { readonly kind: 'told'; readonly answer: CommandAnswer }
  /** It was not started, and cannot be any more. */
  | { readonly kind: 'called-off'; readonly release: JointReleaseRow };

/**
 * Cancels a release: one under way takes everything back, one that was not started never can be. Throws REASON_REQUIRED,
 * RELEASE_CALLED_OFF, and as `commandRun`.
 */
export async function cancelRelease(deps: EngineDeps, wish: ReleaseWish): Promise<Cancelled> {
  const reason = reasonOf(wish, 'cancelRun');
  const row = await findRelease(deps, wish);
  const { run, planId, name } = row;
  if (run !== null) {
    const answer = await commandRun(deps, 'cancelRun', { run: run.run, person: wish.person, reason });
    return { kind: 'told', answer };
  }
  if (row.calledOff) throw sluiceError('RELEASE_CALLED_OFF', { release: name, ...row.calledOff });
  const calledOff = { by: wish.person.name, at: new Date().toISOString(), reason };
  await repeatableWrite(deps, (pool) =>
    inTransaction(pool, async (connection) => {
      // Whoever starts it holds the same lock: it is called off before, or under way and told so.
      await lockPlan(connection, planId);
      const started = await openRunOf(connection, planId);
      if (started !== null) throw sluiceError('PLAN_RUN_OPEN', { plan: planId, run: started });
      await callOff(connection, planId, calledOff);
    }),
  );
  return { kind: 'called-off', release: { ...row, calledOff } };
}

export type RolledBackRelease = { readonly kind: 'told'; readonly answer: CommandAnswer } | ReleaseBack;

/**
 * Takes a release back: by its open run, or, where that has completed, by a run of its own that brings everything back in
 * reverse order. Throws REASON_REQUIRED, JOINT_RELEASE_NOT_STARTED, JOINT_RELEASE_NO_WAY_BACK, and as `commandRun`.
 */
export async function rollBackRelease(deps: EngineDeps, wish: ReleaseWish): Promise<RolledBackRelease> {
  const reason = reasonOf(wish, 'rollBackRun');
  const row = await findRelease(deps, wish);
  if (row.run === null) throw sluiceError('JOINT_RELEASE_NOT_STARTED', { release: row.name });
  if (row.run.phase === 'completed') return rollBackCompleted(deps, { release: row, person: wish.person, reason });
  const answer = await commandRun(deps, 'rollBackRun', { run: row.run.run, person: wish.person, reason });
  return { kind: 'told', answer };
}

function reasonOf({ reason }: ReleaseWish, command: PlainCommand): string {
  if (reason.trim() === '') throw sluiceError('REASON_REQUIRED', { command }, { where: '--reason' });
  return plainText(reason, '--reason');
}

export interface ApproveRelease extends NamedRelease {
  readonly person: Person;
  readonly comment: string;
  readonly digest: string | null;
  readonly commandId: string;
}

export type ApprovedRelease =
  | { readonly kind: 'told'; readonly answer: CommandAnswer }
  /** Before its start. */
  | { readonly kind: 'kept'; readonly approved: ApprovedPlan };

/** Approves a release, under way or before its start. Throws as `decideGate` and `approvePlan`. */
export async function approveRelease(deps: EngineDeps, wish: ApproveRelease): Promise<ApprovedRelease> {
  const { planId, run } = await findRelease(deps, wish);
  const { person, comment, digest } = wish;
  if (run !== null && !run.closed) {
    const asked = {
      run: run.run,
      decision: 'approve',
      person,
      reason: comment,
      ...(digest !== null && { digest }),
    } as const;
    return { kind: 'told', answer: await decideGate(deps, asked) };
  }
  return { kind: 'kept', approved: await approvePlan(deps, { ...wish, planId, via: 'cli' }) };
}
