// What Temporal's UI shows of a run from its start on.
import { counted, inWords } from '#domain/counted.ts';
import { waveLabel } from '#domain/fleet/waves.ts';
import type { ContainerPlan } from '#domain/plan/container-plan.ts';
import type { FleetRunPlan, RunPlan } from '#domain/plan/run-plan.ts';
import type { RunInput } from '#domain/run/run-input.ts';
import { subjectOf } from '#domain/run/run-subject.ts';

/** `edge 1.2.0 → production, canary 10 % / 50 % / 100 %`. */
export function startSummary(plan: RunPlan): string {
  const { name, version } = subjectOf(plan);
  const shape = shapeOf(plan);
  return `${name} ${version} → ${plan.environment.name}, ${shape}`;
}

function shapeOf(plan: RunPlan): string {
  if (plan.kind === 'fleet-rollout') return shapeOfWaves(plan);
  return plan.kind === 'joint-release' ? `in ${counted(plan.members.at(-1)?.wave ?? 0, 'wave')}` : shapeOfRelease(plan);
}

function shapeOfWaves({ strategy, waves }: FleetRunPlan): string {
  const shape = waves.length <= 5 ? waves.map(waveLabel).join(' / ') : `${waves.length} waves`;
  return `${strategy.kind} ${shape}`;
}

function shapeOfRelease({ strategy, application }: ContainerPlan): string {
  const instances = counted(application.replicas, 'instance');
  if (strategy.kind !== 'canary') return `${strategy.kind}, ${instances}`;
  return `canary ${strategy.weightsPercent.map((percent) => `${percent} %`).join(' / ')}, ${instances}`;
}

export function startDetails({ run, plan, digest, startedBy }: RunInput): string {
  return [
    `**${plan.name}** (${run})`,
    '',
    ...(plan.description === '' ? [] : [plan.description, '']),
    `- plan ${plan.planId} by ${plan.author}, digest \`${digest}\``,
    `- ${extent(plan)}`,
    `- started by ${startedBy.by} (${startedBy.via}): ${startedBy.reason}`,
    `- in a terminal: \`sluice run show ${run}\``,
  ].join('\n');
}

function extent(plan: RunPlan): string {
  if (plan.kind === 'fleet-rollout') {
    const { selection, firmware } = plan;
    return `${selection.devices} devices, ${selection.alreadyCurrent} of them already on ${firmware.version}`;
  }
  if (plan.kind === 'joint-release') return inWords(plan.members.map((one) => `${one.application} ${one.version}`));
  const { application, present } = plan;
  const before = present === null ? 'nothing' : `${present.replicas} of ${present.version}`;
  return `${counted(application.replicas, 'instance')} of ${application.image.image}, in the place of ${before}`;
}
