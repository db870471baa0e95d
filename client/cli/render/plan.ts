import type { PlanSummary } from '../../../activities/adapters/postgres/plans.ts';
import { counted } from '#domain/counted.ts';
import type { ApprovalPolicy, Tally } from '#domain/approvals/approval.ts';
import { firstApproval } from '#domain/plan/first-approval.ts';
import type { ContainerStrategy } from '#domain/plan/container-plan.ts';
import type { FleetStrategy, Plan } from '#domain/plan/plan.ts';
import { formatDuration } from '#domain/time.ts';
import { tellRoughly, tellTime, type Clock } from '../../engine/runs/clock.ts';
import { describePromotion } from '../../engine/promotions/promotion-document.ts';
import type { ApprovedPlan } from '../../engine/plans/approve-plan.ts';
import type { CreatedPlan } from '../../engine/plans/create-plan.ts';
import type { DescribedPlan } from '../../engine/plans/describe-plan.ts';
import { renderJointWayBack, renderMembers, renderOrder } from './joint-release-sections.ts';
import { renderChanges, renderPrice, renderSteps, renderWayBack } from './plan-sections.ts';
import { forPeople } from './printable.ts';
import { renderReleaseChanges, renderReleasePrice, renderReleaseWayBack, renderTraffic } from './release-sections.ts';
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
      { head: 'DELIVERS', cell: (one) => `${one.subject} ${one.version}`, cutTo: 10 },
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
    ...begins(plan, clock).map((line) => `  ${line}`),
    `  digest ${digest}`,
    ...sections(described),
    ...titled('approval', approvalText(described, clock)),
  ].join('\n');
});

export const renderApproved = forPeople(({ plan, decision, tally }: ApprovedPlan): string => {
  const [what, next] = [`✓ ${plan.planId} approved by ${decision.by}`, `  next  ${execute(plan)}`];
  return tally.kind === 'waiting'
    ? `${what}\n  still ${counted(tally.missing, 'approval')} missing`
    : `${what}\n${next}`;
});

/** When its runs begin to change anything; none where that is when they are started. */
function begins({ schedule }: Plan, clock: Clock): string[] {
  if (schedule === undefined) return [];
  const { startAt, durationMs } = schedule;
  return [`begins ${tellTime(startAt, clock)}${durationMs === null ? '' : `, within ${formatDuration(durationMs)}`}`];
}

const titled = (title: string, body: string): string[] => ['', title, ...body.split('\n').map((line) => `  ${line}`)];

/** What a person weighs before they agree, by what is delivered. */
function sections({ plan, earlier }: DescribedPlan): string[] {
  if (plan.kind === 'container-release') {
    return [
      ...titled('changes', renderReleaseChanges(plan)),
      ...titled('traffic', renderTraffic(plan)),
      ...titled('steps', renderSteps(plan)),
      ...titled('price', renderReleasePrice(plan, earlier)),
      ...titled('way back', renderReleaseWayBack(plan)),
    ];
  }
  if (plan.kind === 'joint-release') {
    return [
      ...titled('order', renderOrder(plan.members)),
      ...titled('changes', renderMembers(plan)),
      ...titled('steps', renderSteps(plan)),
      ...titled('way back', renderJointWayBack(plan)),
    ];
  }
  return [
    ...titled('changes', renderChanges(plan)),
    ...titled('steps', renderSteps(plan)),
    ...titled('price', renderPrice(plan, earlier)),
    ...titled('way back', renderWayBack(plan)),
  ];
}

function headline(plan: Plan): string {
  const { environment } = plan;
  if (plan.kind === 'container-release') {
    const { name, version, replicas } = plan.application;
    const what = `${name} ${version} → ${environment.name}`;
    return `${what}, ${releaseText(plan.strategy)}, ${counted(replicas, 'instance')}`;
  }
  if (plan.kind === 'joint-release') {
    const waves = counted(plan.members.at(-1)?.wave ?? 0, 'wave');
    return `release ${plan.release.name} → ${environment.name}, ${plan.release.version} in ${waves}`;
  }
  const { firmware, strategy, waves, selection } = plan;
  const what = `${firmware.name} ${firmware.version} → ${environment.name}`;
  return `${what}, ${strategyText(strategy)} in ${counted(waves.length, 'wave')}, ${counted(selection.devices, 'device')}`;
}

function releaseText(strategy: ContainerStrategy): string {
  switch (strategy.kind) {
    case 'first':
      return 'first release';
    case 'rolling':
      return `rolling (surge ${strategy.maxSurge}, unavailable ${strategy.maxUnavailable})`;
    case 'blue_green':
      return `blue-green (switch within ${formatDuration(strategy.switchTimeoutMs)})`;
    case 'canary':
      return `canary ${strategy.weightsPercent.join('/')} %`;
    case 'recreate':
    case 'immediate':
      return strategy.kind;
  }
}

function strategyText(strategy: FleetStrategy): string {
  switch (strategy.kind) {
    case 'canary':
      return strategy.percentages.length === 0 ? 'canary' : `canary ${strategy.percentages.join('/')} %`;
    case 'rolling':
      return `rolling by ${strategy.batchPercent} % up to ${strategy.upToPercent} %`;
    case 'immediate':
      return `immediate, ${strategy.upToPercent} %`;
    case 'blue_green':
      return `blue-green, ${strategy.upToPercent} % (switch within ${formatDuration(strategy.switchTimeoutMs)})`;
  }
}

function triedIn({ sourceEnvironment, promotedFrom }: Plan): string {
  if (promotedFrom) return `, ${describePromotion(promotedFrom)}`;
  return sourceEnvironment === null ? '' : `, tried in ${sourceEnvironment}`;
}

const policyText = ({ quorum, role }: ApprovalPolicy): string => `${counted(quorum, 'approval')} of role ${role}`;

const execute = ({ planId }: Plan): string => `sluice deploy execute --plan-id ${planId}`;

/** Who must agree, who has, and who may. */
export function approvalText({ plan, digest, approval, decisions }: DescribedPlan, clock: Clock): string {
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
