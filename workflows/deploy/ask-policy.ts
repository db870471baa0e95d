import { ActivityFailure, CancelledFailure, isCancellation, proxyActivities } from '@temporalio/workflow';
import { counted } from '#domain/counted.ts';
import { addCounts, NO_COUNTS } from '#domain/fleet/counts.ts';
import { describeStep } from '#domain/plan/describe-step.ts';
import type { Step } from '#domain/plan/steps.ts';
import { gateOfRule, isGateOfRule } from '#domain/policy/policy-rule.ts';
import type { RunFactsForPolicy } from '#domain/policy/policy-facts.ts';
import type { PolicyActivities, PolicyDenial, PolicyVerdict } from '#domain/ports/policy.port.ts';
import { reasonOf } from '../runtime/failure-reason.ts';
import { glancing } from '../runtime/profiles.ts';
import { runRef, type RunContext, type StepFacts, type StepOutcome } from './run-context.ts';
import { stepAside } from './step-aside.ts';

/** What the rules of the environment say to a step; `facts` stand in the journal where it begins. */
export type PolicyAnswer =
  { readonly kind: 'go'; readonly facts: StepFacts } | { readonly kind: 'denied'; readonly outcome: StepOutcome };

/** True for a step before which rules are asked; requests that wait at the router must not wait for people. */
export const asksPolicy = ({ record }: RunContext): boolean => record.asksPolicy && record.traffic?.isHolding !== true;

/**
 * Asks the rules that the environment has now. A step that one of them denies, or that nobody can tell of, does not begin: the
 * run gives its place to others and asks people. A rule that somebody overrode denies no more, until it is written anew.
 */
export async function askPolicy(step: Step, index: number, run: RunContext): Promise<PolicyAnswer> {
  const verdict = await evaluate(step, index, run);
  // A pause that came meanwhile holds before the step, not after it.
  if (run.controls.isPauseWanted) throw new CancelledFailure('held');
  if (verdict.kind === 'unknown')
    return denied(step, run, { summary: `policy could not be asked: ${verdict.why}`, pass: '' });
  const denials = verdict.kind === 'denied' ? verdict.denials : [];
  const standing = denials.filter((denial) => !isOverridden(denial, run));
  noteDenied(standing, run);
  if (standing.length > 0) {
    record(step, index, { verdict, standing }, run);
    const [first] = standing;
    const pass = `; sluice run override ${run.record.input.run} --gate ${gateOfRule(first?.rule ?? '')} --reason "…" before it passes the rule`;
    return denied(step, run, { summary: describeAll(standing), pass });
  }
  const overridden = denials.map(({ rule }) => rule);
  return { kind: 'go', facts: { rules: verdict.rules, ...(overridden.length > 0 && { overridden }) } };
}

type Found = PolicyVerdict | { readonly kind: 'unknown'; readonly why: string };

/** A pause may cut it short: nothing has begun. An activity that gave up could not find out. */
async function evaluate(step: Step, index: number, run: RunContext): Promise<Found> {
  const { evaluatePolicy } = proxyActivities<PolicyActivities>({
    ...glancing,
    taskQueue: run.record.input.queues.data,
    summary: `policy before ${describeStep(step)}`,
  });
  try {
    return await run.controls.holdable(() => evaluatePolicy({ ...runRef(run), ...factsOf(index, run) }));
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    return { kind: 'unknown', why: reasonOf(error) };
  }
}

function factsOf(index: number, { record }: RunContext): RunFactsForPolicy {
  const { run, startedBy, place } = record.input;
  const { waves, traffic } = record.view();
  const approvals = record.journal.entries.filter(
    ({ type, data }) => type === 'gate-decided' && data['decision'] === 'approve',
  );
  return {
    run,
    startedBy,
    priority: place?.priority ?? 'normal',
    startedAt: record.startedAt,
    index,
    approvedBy: [...new Set(approvals.map(({ data }) => String(data['by'])))],
    counts: waves.reduce((sum, { counts }) => addCounts(sum, counts ?? NO_COUNTS), NO_COUNTS),
    traffic,
  };
}

/** What was overridden is the rule as it was written then. */
function isOverridden({ rule, when }: PolicyDenial, { record }: RunContext): boolean {
  const gate = gateOfRule(rule);
  if (!record.overrides.has(gate)) return false;
  if (record.deniedRules.get(gate) === when) return true;
  record.overrides.delete(gate);
  return false;
}

function noteDenied(standing: readonly PolicyDenial[], { record }: RunContext): void {
  for (const { rule, when } of standing) record.deniedRules.set(gateOfRule(rule), when);
  const gates = standing.map(({ rule }) => ({ id: gateOfRule(rule), settledBy: 'check' }) as const);
  record.openGates = [...record.openGates.filter(({ id }) => !isGateOfRule(id)), ...gates];
}

const describe = ({ rule, why, message, detail }: PolicyDenial): string =>
  why === 'false'
    ? `policy ${rule} denies it: ${message}`
    : `policy ${rule} cannot be evaluated: ${detail} (${message})`;

const MOST_TOLD = 3;

function describeAll(standing: readonly PolicyDenial[]): string {
  const others = standing.length - MOST_TOLD;
  const told = standing.slice(0, MOST_TOLD).map(describe);
  return [...told, ...(others > 0 ? [`and ${counted(others, 'more rule')}`] : [])].join('; ');
}

interface Denied {
  readonly verdict: PolicyVerdict;
  readonly standing: readonly PolicyDenial[];
}

function record(step: Step, index: number, { verdict, standing }: Denied, run: RunContext): void {
  const summary = `${describeStep(step)} does not begin: ${describeAll(standing)}`;
  const data = { step: step.id, index, rules: verdict.rules, denials: standing };
  run.record.journal.record('policy-denied', summary, data, 'later');
}

/** Nothing bad was seen, so nothing is taken back: others go first while people look into it. */
async function denied(step: Step, run: RunContext, why: { summary: string; pass: string }): Promise<PolicyAnswer> {
  if (run.place.isWanted) await stepAside(run);
  const summary = `${describeStep(step)}: ${why.summary} (resume asks again${why.pass})`;
  return { kind: 'denied', outcome: { kind: 'denied', summary } };
}
