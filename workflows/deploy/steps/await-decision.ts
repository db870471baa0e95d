import { condition } from '@temporalio/workflow';
import { approvalOf, hasExpired, tally, type ApprovalPolicy, type Tally } from '#domain/approvals/approval.ts';
import { refuseDecision } from '#domain/approvals/refuse-decision.ts';
import { inWords } from '#domain/counted.ts';
import { addMs } from '#domain/time.ts';
import { msUntil, now } from '../../runtime/clock.ts';
import type { RunRecord } from '../../runtime/run-record.ts';
import { stepAside } from '../step-aside.ts';
import type { RunContext, StepOutcome } from '../run-context.ts';
import { remindUntilDecided } from './remind.ts';

interface Question {
  readonly gate: string;
  readonly opens: string;
  readonly policy: ApprovalPolicy;
  /** Decisions given on the plan before the start count for its first approval, not for a gate that asks people. */
  readonly takesEarlyDecisions: boolean;
}

/** How people decided, or did not. */
export type Decided = Extract<StepOutcome, { kind: 'passed' | 'rejected' | 'expired' }>;

/** Waits for people. Repeated after a held step it goes on with the decisions and the expiry it had. */
export async function awaitDecision(question: Question, run: RunContext): Promise<Decided> {
  const { record, controls } = run;
  if (record.waiting?.gate !== question.gate) open(question, record);
  const decided = (): Tally => tally(question.policy, record.waiting?.decisions ?? []);
  const isDecided = (): boolean => decided().kind !== 'waiting';
  const expiresAt = record.waiting?.expiresAt ?? null;
  if (!isDecided() && run.place.isWanted) await stepAside(run);
  const answered = await controls.holdable(() =>
    controls.resting(async () => {
      // A run that was started before there were reminders waits as it did.
      if (record.input.reminders && (await remindUntilDecided(record, isDecided))) return true;
      if (expiresAt !== null)
        return condition(isDecided, msUntil(expiresAt), { summary: `${approvalOf(question.opens)} expires` });
      await condition(isDecided);
      return true;
    }),
  );
  const result = decided();
  record.approvals = record.waiting?.decisions ?? [];
  record.waiting = null;
  if (record.state.phase !== 'running') record.move({ type: 'proceeded' }, `${approvalOf(question.opens)}: decided`);
  if (!answered) return { kind: 'expired', summary: `${approvalOf(question.opens)}: expired without enough approvals` };
  return conclude(approvalOf(question.opens), result);
}

function open(question: Question, record: RunRecord): void {
  const { gate, opens, policy, takesEarlyDecisions } = question;
  const since = now();
  const expiresAt = policy.expiresInMs === null ? null : addMs(since, policy.expiresInMs);
  record.waiting = { gate, opens, policy, since, expiresAt, decisions: [] };
  record.move(
    { type: 'approval-awaited', gate, expiresAt },
    `${approvalOf(question.opens)}: waits for ${policy.quorum} of role ${policy.role}`,
  );
  if (takesEarlyDecisions) countEarlyDecisions(question, record);
}

/** Under the same rules as any other decision; one that has expired meanwhile has to be given again. */
function countEarlyDecisions(question: Question, record: RunRecord): void {
  const { gate, policy } = question;
  const early = record.earlyDecisions;
  record.earlyDecisions = [];
  const { run, digest, plan } = record.input;
  for (const decision of early) {
    const waiting = record.waiting;
    if (!waiting) return;
    const context = { run, digest, author: plan.author, policy: waiting.policy, decided: waiting.decisions };
    if (refuseDecision(decision, context) || hasExpired(decision, policy, now())) continue;
    record.waiting = { ...waiting, decisions: [...waiting.decisions, decision] };
    const { decision: word, by, via, verified, commandId, comment } = decision;
    const who = `${by}${verified ? '' : ' (unverified)'}`;
    const summary = `${approvalOf(question.opens)}: ${word === 'approve' ? 'approved' : 'rejected'} by ${who} before the start`;
    record.journal.record('gate-decided', summary, { gate, decision: word, by, via, verified, commandId, comment });
  }
}

function conclude(what: string, result: Tally): Decided {
  if (result.kind === 'approved') return { kind: 'passed', summary: `${what}: approved by ${inWords(result.by)}` };
  if (result.kind === 'rejected') {
    return { kind: 'rejected', summary: `${what}: rejected by ${result.by}: ${result.comment}` };
  }
  return { kind: 'rejected', summary: `${what}: not decided` };
}
