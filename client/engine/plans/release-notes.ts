import { inWords } from '#domain/counted.ts';
import type { ContainerPlan } from '#domain/plan/container-plan.ts';
import type { PinnedImage } from '#domain/ports/container-engine.port.ts';
import { asksPeople, noApprovalNote } from './plan-notes.ts';

interface Wished {
  /** The file has `approvals`. */
  readonly setsApprovals: boolean;
  /** Applications with a release in use in the environment. */
  readonly deployed: readonly string[];
}

/** What the planner saw that does not stop a release and may surprise. */
export function releaseNotes(
  { application, environment, present, steps, promotedFrom }: ContainerPlan,
  { setsApprovals, deployed }: Wished,
): string[] {
  const { image, reference, dependsOn } = application;
  const missing = dependsOn.filter((name) => !deployed.includes(name));
  return [
    ...(promotedFrom
      ? [
          `${application.name} ${image.digest} as it passed in ${promotedFrom.environment}, whatever ${reference} means by now`,
        ]
      : [pinNote(image, reference)]),
    ...(present?.digest === image.digest
      ? [`release ${present.release} (${present.version}) is this image already`]
      : []),
    ...(missing.length === 0
      ? []
      : [`${application.name} depends on ${inWords(missing)}, not deployed to ${environment.name}`]),
    ...(setsApprovals && !steps.some(asksPeople) ? [noApprovalNote(environment.name)] : []),
  ];
}

const pinNote = ({ pin, digest }: PinnedImage, reference: string): string =>
  pin === 'registry-digest'
    ? `${reference} is ${digest}: the plan pins it`
    : `${reference} is in no registry: the plan pins its image id, and only an engine that holds it already can run it`;
