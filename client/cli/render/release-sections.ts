import { counted } from '#domain/counted.ts';
import type { ContainerPlan, ContainerStrategy } from '#domain/plan/container-plan.ts';
import type { Step } from '#domain/plan/steps.ts';
import { formatDuration } from '#domain/time.ts';
import type { DescribedPlan } from '../../engine/plans/describe-plan.ts';
import { tellSize } from './artifact.ts';
import { columns } from './columns.ts';

const HASH_DIGITS = 12;

/** `sha256:4f1c0a2b3c4d…` */
export const shortDigest = (digest: string): string => {
  const [kind = '', hash = ''] = digest.includes(':') ? digest.split(':') : ['', digest];
  const short = hash.length > HASH_DIGITS ? `${hash.slice(0, HASH_DIGITS)}…` : hash;
  return kind === '' ? short : `${kind}:${short}`;
};

/** Which instances go and come; `-` and `+` as in a diff. */
export function renderReleaseChanges({ application, present }: ContainerPlan): string {
  const { name, version, replicas, image } = application;
  const pin = image.pin === 'image-id' ? ' (image id: no registry knows it)' : '';
  const gone = present
    ? [['-', `${present.replicas} ×`, `${name} ${present.version}`, shortDigest(present.digest)]]
    : [];
  return columns([...gone, ['+', `${replicas} ×`, `${name} ${version}`, `${shortDigest(image.digest)}${pin}`]]);
}

/** How traffic comes to the new version, and how it can be seen before. */
export function renderTraffic({ application, strategy, present, steps }: ContainerPlan): string {
  const { previewPort, rules, mirror } = application.routing;
  return [
    ...movement(strategy, application.replicas, steps),
    ...(strategy.kind === 'canary' ? shifts(steps) : []),
    ...(previewPort === null || present === null ? [] : [`before it serves it is at port ${previewPort}`]),
    ...(rules.header === null ? [] : [`header ${rules.header.name}: always or never chooses the version`]),
    ...(mirror === null ? [] : [`${mirror.percent} % of the GET requests are copied to it before it serves`]),
  ].join('\n');
}

function movement(strategy: ContainerStrategy, replicas: number, steps: readonly Step[]): string[] {
  const bakeMs = steps.find((step) => step.kind === 'bake')?.durationMs ?? 0;
  const watched = bakeMs === 0 ? '' : `, and stay for ${formatDuration(bakeMs)} in case it has to go back`;
  switch (strategy.kind) {
    case 'first':
      return ['all of it as soon as the first instances are ready: nothing serves yet'];
    case 'rolling': {
      const [most, least] = [replicas + strategy.maxSurge, Math.max(0, replicas - strategy.maxUnavailable)];
      const after = bakeMs === 0 ? '' : `, ${formatDuration(bakeMs)} of bake after each batch`;
      return [`instance by instance: at most ${most} run, at least ${least} serve${after}`];
    }
    case 'blue_green':
      return [`all at once when every new instance is ready; the old ones take nothing more${watched}`];
    case 'canary':
      return ['by weight, each client kept on its version while the weight only grows:'];
    case 'recreate':
      return [
        `the old instances end first: requests wait at most ${formatDuration(holdMs(steps))} while nothing serves`,
      ];
    case 'immediate':
      return ['all at once when every new instance is ready, without a bake'];
  }
}

const holdMs = (steps: readonly Step[]): number => steps.find((step) => step.kind === 'hold')?.maximumMs ?? 0;

/** `  10 %  5 min of bake`, a line for each weight. */
function shifts(steps: readonly Step[]): string[] {
  const rows = steps.flatMap((step, at) => {
    if (step.kind !== 'shift') return [];
    const next = steps[at + 1];
    const bake = next?.kind === 'bake' ? `${formatDuration(next.durationMs)} of bake` : '';
    const judge = steps[at + 2];
    const judged = judge?.kind === 'gate' && judge.check.run === 'canary_analysis' ? ', then the judge' : '';
    return [['', `${step.weightBasisPoints / 100} %`, `${bake}${judged}`]];
  });
  return columns(rows).split('\n');
}

/** What has to be pulled, waiting that the plan itself asks for, and how long earlier runs took. */
export function renderReleasePrice({ application, steps }: ContainerPlan, earlier: DescribedPlan['earlier']): string {
  const bakesMs = steps.reduce((sum, step) => sum + (step.kind === 'bake' ? step.durationMs : 0), 0);
  const { image, engines } = application;
  const size = image.sizeBytes === null ? 'an image of unknown size' : tellSize(image.sizeBytes);
  const took = earlier
    ? `earlier releases here took about ${formatDuration(earlier.medianMs)} (${earlier.runs})`
    : 'no earlier release here tells the whole time';
  return [
    `${size} pulled to ${counted(engines.length, 'engine')}: ${engines.map(({ name }) => name).join(', ')}`,
    `${formatDuration(bakesMs)} of bakes; ${took}`,
  ].join('\n');
}

/** What would start a rollback, to which version, and how long it may take. */
export function renderReleaseWayBack(plan: ContainerPlan): string {
  const { environment, present, overrides } = plan;
  const triggers = triggersOf(plan);
  const answer = environment.autoRollback ? 'rolls back by itself when' : 'pauses and asks when';
  const target =
    present === null
      ? 'to nothing: no release was in use, so its instances are removed'
      : `to ${plan.application.name} ${present.version} (release ${present.release}, ${shortDigest(present.digest)})`;
  return [
    answer,
    ...triggers.map((one) => `  ${one}`),
    target,
    `within ${formatDuration(environment.rollbackTimeoutMs)}`,
    ...overrides.map(({ rule, by, reason }) => `! ${rule} accepted by ${by}: ${reason}`),
  ].join('\n');
}

function triggersOf({ watch, rules, analysis }: ContainerPlan): string[] {
  const { criteria, healthChecks } = watch;
  const { maxFailureRatePercent: rate, performanceDegradationPercent: slower, userReportedIssues: issues } = criteria;
  return [
    ...(rate === null ? [] : [`more than ${rate} % of at least ${counted(criteria.minimumExecuted, 'request')} fail`]),
    ...(criteria.onHealthCheckFailure ? healthChecks.map(({ name }) => `health check ${name} fails`) : []),
    ...(slower === undefined ? [] : [`it is more than ${slower} % slower than the version before`]),
    ...(issues === undefined ? [] : [`people report ${counted(Math.max(1, issues), 'issue')}`]),
    ...(analysis === null ? [] : [`the judge finds it worse in ${counted(analysis.metrics.length, 'metric')}`]),
    `nothing moves for ${formatDuration(rules.progressDeadlineMs)}, or an instance does not become ready in time`,
    ...(rules.badStable === 'stop' ? ['the version in use is unhealthy before the switch'] : []),
  ];
}
