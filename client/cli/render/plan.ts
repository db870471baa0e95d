import type { PlanSummary } from '../../../activities/adapters/postgres/plans.ts';
import type { ApprovalPolicy, Tally } from '#domain/approvals/approval.ts';
import { firstApproval } from '#domain/plan/first-approval.ts';
import type { FleetStrategy, Plan } from '#domain/plan/plan.ts';
import type { ApprovedPlan } from '../../engine/plans/approve-plan.ts';
import type { CreatedPlan } from '../../engine/plans/create-plan.ts';
import type { DescribedPlan } from '../../engine/plans/describe-plan.ts';
import { columns, counted } from './columns.ts';
import { renderChanges, renderPrice, renderSteps, renderWayBack } from './plan-sections.ts';

/** What `plan create` says: what was made, and what comes next. */
export function renderCreated({ plan, digest, notes }: CreatedPlan): string {
  const approval = firstApproval(plan);
  const needs = approval === null ? 'no approval' : `${policyText(approval.policy)}, not the author`;
  return [
    `✓ ${plan.planId}: ${headline(plan)}`,
    `  digest  ${digest}`,
    `  needs   ${needs}`,
    ...notes.map((note) => `  note    ${note}`),
    `  next    ${approval === null ? execute(plan) : `sluice plan show --plan-id ${plan.planId}`}`,
  ].join('\n');
}

export function renderPlans(plans: readonly PlanSummary[]): string {
  if (plans.length === 0) return 'no plan yet · sluice plan create --config FILE';
  const rows = plans.map((one) => [
    one.planId,
    one.createdAt.slice(0, 16).replace('T', ' '),
    one.environment,
    `${one.firmware} ${one.version}`,
    one.name,
  ]);
  return columns([['PLAN', 'MADE (UTC)', 'ENVIRONMENT', 'FIRMWARE', 'NAME'], ...rows]);
}

/** A plan like a diff with a price: what changes, in which steps, at what cost, who must agree, and how it comes back. */
export function renderPlan(described: DescribedPlan): string {
  const { plan, digest } = described;
  return [
    `${plan.name} · ${plan.planId}`,
    `  ${headline(plan)}`,
    ...(plan.description === '' ? [] : [`  ${plan.description}`]),
    `  by ${plan.author}, ${plan.createdAt.slice(0, 16).replace('T', ' ')} UTC${triedIn(plan)}`,
    `  digest ${digest}`,
    ...titled('changes', renderChanges(plan)),
    ...titled('steps', renderSteps(plan)),
    ...titled('price', renderPrice(plan, described.earlier)),
    ...titled('way back', renderWayBack(plan)),
    ...titled('approval', approvalText(described)),
  ].join('\n');
}

export function renderApproved({ plan, decision, tally }: ApprovedPlan): string {
  const [what, next] = [`✓ ${plan.planId} approved by ${decision.by}`, `  next  ${execute(plan)}`];
  return tally.kind === 'waiting'
    ? `${what}\n  still ${counted(tally.missing, 'approval')} missing`
    : `${what}\n${next}`;
}

const titled = (title: string, body: string): string[] => ['', title, ...body.split('\n').map((line) => `  ${line}`)];

const headline = ({ firmware, environment, strategy, waves, selection }: Plan): string =>
  `${firmware.name} ${firmware.version} → ${environment.name}, ${strategyText(strategy)} in ${counted(waves.length, 'wave')}, ${counted(selection.devices, 'device')}`;

function strategyText(strategy: FleetStrategy): string {
  switch (strategy.kind) {
    case 'canary':
      return strategy.percentages.length === 0 ? 'canary' : `canary ${strategy.percentages.join('/')} %`;
    case 'rolling':
      return `rolling by ${strategy.batchPercent} % up to ${strategy.upToPercent} %`;
    case 'immediate':
      return `immediate, ${strategy.upToPercent} %`;
  }
}

const triedIn = ({ sourceEnvironment }: Plan): string =>
  sourceEnvironment === null ? '' : `, tried in ${sourceEnvironment}`;

const policyText = ({ quorum, role }: ApprovalPolicy): string => `${counted(quorum, 'approval')} of role ${role}`;

const execute = ({ planId }: Plan): string => `sluice deploy execute --plan-id ${planId}`;

function approvalText({ plan, digest, approval, decisions }: DescribedPlan): string {
  if (approval === null) return `none needed · ${execute(plan)}`;
  const given = decisions.map(({ decision: { by, at, comment }, lapsed }) => {
    const said = `${by} at ${at}${comment === '' ? '' : `: ${comment}`}`;
    return lapsed === null ? `✓ ${said}` : `✗ ${said} (counts no more: ${lapsed})`;
  });
  const { step, tally, able } = approval;
  return [`${policyText(step.policy)}, not ${plan.author}`, ...given, ...missing(tally, able, plan, digest)].join('\n');
}

function missing(tally: Tally, able: readonly string[], plan: Plan, digest: string): string[] {
  if (tally.kind !== 'waiting') return [execute(plan)];
  const who = able.length === 0 ? 'nobody under people: can give it' : `may be given by ${able.join(', ')}`;
  return [
    `${counted(tally.missing, 'approval')} missing, ${who}`,
    `sluice plan approve --plan-id ${plan.planId} --digest ${digest}`,
  ];
}
