import {
  insertDecision,
  lockPlan,
  openRunOf,
  readDecisions,
  type StoredPlan,
} from '../../../activities/adapters/postgres/plans.ts';
import { inTransaction, type Connection } from '../../../activities/adapters/postgres/pool.ts';
import { tally, type ApprovalDecision, type ApprovalPolicy, type Tally } from '#domain/approvals/approval.ts';
import { refuseDecision } from '#domain/approvals/refuse-decision.ts';
import { SluiceError, sluiceError } from '#domain/errors/failure.ts';
import type { PlanId } from '#domain/ids.ts';
import { firstApproval } from '#domain/plan/first-approval.ts';
import { judgeDecisions, standing } from '#domain/plan/early-decisions.ts';
import type { EngineDeps, Person } from '../engine.ts';
import { readPeople } from '../environments/load-people.ts';
import { repeatableWrite } from '../environments/repeatable-write.ts';
import { plainText } from '../plain-text.ts';
import { readStoredPlan } from './load-plan.ts';
import { meantDigest } from './meant-digest.ts';

export interface ApprovePlanInput {
  readonly planId: string;
  /** The digest that the person saw, or at least its first eight characters; null when they did not say. */
  readonly digest: string | null;
  readonly comment: string;
  /** The same id again is the same approval. */
  readonly commandId: string;
  readonly person: Person;
  readonly via: string;
}

export interface ApprovedPlan extends StoredPlan {
  readonly decision: ApprovalDecision;
  readonly tally: Tally;
}

/**
 * Approves a plan before its run: the decision counts for the first approval of a run with this digest.
 * Throws PLAN_NOT_FOUND, PLAN_NEEDS_NO_APPROVAL, PLAN_RUN_OPEN, USAGE for a comment that no terminal can show, or why the decision does not count (digest, author, role, twice).
 */
export async function approvePlan(deps: EngineDeps, input: ApprovePlanInput): Promise<ApprovedPlan> {
  plainText(input.comment, '--comment');
  return repeatableWrite(deps, (pool) => inTransaction(pool, (connection) => decide(connection, input)));
}

async function decide(connection: Connection, input: ApprovePlanInput): Promise<ApprovedPlan> {
  const stored = await readStoredPlan(connection, input.planId);
  const { planId } = stored.plan;
  await lockPlan(connection, planId);
  const policy = policyOf(stored);
  const ever = await readDecisions(connection, planId);
  const now = new Date().toISOString();
  // Whoever lost the role, or decided too long ago, has not decided.
  const decided = standing(judgeDecisions(ever, { policy, people: await readPeople(connection), now }));
  const given = ever.find(({ commandId }) => commandId === input.commandId);
  if (given) return { ...stored, decision: given, tally: tally(policy, decided) };
  await refuseBesideRun(connection, planId);
  const decision = countedDecision(input, stored, { policy, decided });
  await insertDecision(connection, planId, decision);
  return { ...stored, decision, tally: tally(policy, [...decided, decision]) };
}

function policyOf({ plan }: StoredPlan): ApprovalPolicy {
  const approval = firstApproval(plan);
  if (approval !== null) return approval.policy;
  throw sluiceError('PLAN_NEEDS_NO_APPROVAL', { plan: plan.planId, environment: plan.environment.name });
}

/** An open run has read the plan's decisions already: one more would be lost. */
async function refuseBesideRun(connection: Connection, planId: PlanId): Promise<void> {
  const run = await openRunOf(connection, planId);
  if (run !== null) throw sluiceError('PLAN_RUN_OPEN', { plan: planId, run });
}

function countedDecision(
  { person, digest, commandId, via, comment }: ApprovePlanInput,
  stored: StoredPlan,
  { policy, decided }: { readonly policy: ApprovalPolicy; readonly decided: readonly ApprovalDecision[] },
): ApprovalDecision {
  const meant = digest === null ? null : meantDigest(stored.digest, digest);
  const claim = { by: person.name, roles: person.roles, digest: meant };
  const { planId: run, author } = stored.plan;
  const refusal = refuseDecision(claim, { run, digest: stored.digest, author, policy, decided });
  if (refusal !== null) throw new SluiceError(refusal);
  return {
    commandId,
    via,
    ...claim,
    digest: stored.digest,
    verified: person.verified,
    decision: 'approve',
    comment,
    at: new Date().toISOString(),
  };
}
