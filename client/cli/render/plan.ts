import type { PlanSummary } from '../../../activities/adapters/postgres/plans.ts';
import { counted } from '#domain/counted.ts';
import type { ApprovalPolicy, Tally } from '#domain/approvals/approval.ts';
import { firstApproval } from '#domain/plan/first-approval.ts';
import type { FleetStrategy, Plan } from '#domain/plan/plan.ts';
import { tellRoughly, tellTime, type Clock } from '../../engine/runs/clock.ts';
import type { ApprovedPlan } from '../../engine/plans/approve-plan.ts';
import type { CreatedPlan } from '../../engine/plans/create-plan.ts';
import type { DescribedPlan } from '../../engine/plans/describe-plan.ts';
import { renderChanges, renderPrice, renderSteps, renderWayBack } from './plan-sections.ts';
import { forPeople } from './printable.ts';
import type { Look } from './run.ts';
import { renderTable } from './table.ts';

/** What `plan create` says: what was made, and what comes next. */
export const renderCreated = forPeople(({ plan, digest, notes }: CreatedPlan): string => {
  const approval = firstApproval(plan);
  const needs = approval === null ? 'no approval' : `${policyText(approval.policy)}, not the author`;
  return [
    `✓ ${plan.planId}`,
    `  ${headline(plan)}`,
    `  digest  ${digest}`,
    `  needs   ${needs}`,
    ...notes.map((note) => `  note    ${note}`),
    `  next    ${approval === null ? execute(plan) : `sluice plan show --plan-id ${plan.planId}`}`,
  ].join('\n');
});

export const renderPlans = forPeople((plans: readonly PlanSummary[], { listWidth, clock }: Look): string => {
  if (plans.length === 0) return 'no plan yet · sluice plan create --config FILE';
  return renderTable(
    [
      { head: 'PLAN', cell: (one) => one.planId },
      {
        head: 'MADE',
        cell: (one) => tellTime(one.createdAt, clock),
        short: (one) => tellRoughly(one.createdAt, clock),
        cutTo: 8,
      },
      { head: 'FIRMWARE', cell: (one) => `${one.firmware} ${one.version}`, cutTo: 10 },
      { head: 'ENVIRONMENT', cell: (one) => one.environment, cutTo: 11 },
      { head: 'NAME', cell: (one) => one.name, cutTo: 8 },
    ],
    plans,
    listWidth,
  );
});

/** A plan like a diff with a price: what changes, in which steps, at what cost, who must agree, and how it comes back. */
export const renderPlan = forPeople((described: DescribedPlan, clock: Clock): string => {
  const { plan, digest } = described;
  return [
    `${plan.name} · ${plan.planId}`,
    `  ${headline(plan)}`,
    ...(plan.description === '' ? [] : [`  ${plan.description}`]),
    `  by ${plan.author}, ${tellTime(plan.createdAt, clock)}${triedIn(plan)}`,
    `  digest ${digest}`,
    ...titled('changes', renderChanges(plan)),
    ...titled('steps', renderSteps(plan)),
    ...titled('price', renderPrice(plan, described.earlier)),
    ...titled('way back', renderWayBack(plan)),
    ...titled('approval', approvalText(described, clock)),
  ].join('\n');
});

export const renderApproved = forPeople(({ plan, decision, tally }: ApprovedPlan): string => {
  const [what, next] = [`✓ ${plan.planId} approved by ${decision.by}`, `  next  ${execute(plan)}`];
  return tally.kind === 'waiting'
    ? `${what}\n  still ${counted(tally.missing, 'approval')} missing`
    : `${what}\n${next}`;
});

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

function approvalText({ plan, digest, approval, decisions }: DescribedPlan, clock: Clock): string {
  if (approval === null) return `none needed · ${execute(plan)}`;
  const given = decisions.map(({ decision: { by, at, comment }, lapsed }) => {
    const said = `${by} at ${tellTime(at, clock)}${comment === '' ? '' : `: ${comment}`}`;
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
    // Two lines of a terminal, one command of a shell.
    `sluice plan approve --plan-id ${plan.planId} \\`,
    `  --digest ${digest.slice(0, 12)}`,
  ];
}
