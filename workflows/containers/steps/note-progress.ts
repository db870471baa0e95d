import { ALL_TRAFFIC } from '#domain/containers/route.ts';
import type { ReleaseStep } from '#domain/plan/steps.ts';
import type { RunContext } from '../../deploy/run-context.ts';

/** Shows in the run's view what a step that passed has changed. */
export function noteProgress(step: ReleaseStep, { record }: RunContext): void {
  const { traffic } = record;
  if (traffic === null) return;
  const { instances, before } = traffic;
  switch (step.kind) {
    case 'stage':
      return record.noteTraffic({ instances: { ...instances, started: instances.started + step.replicas.length } });
    case 'verify': {
      const ready = instances.ready + step.replicas.length;
      const old = before?.instances ?? 0;
      // Among the others an instance takes its share at once.
      const share = Math.round((ALL_TRAFFIC * ready) / (ready + old));
      const weightBasisPoints = step.join === 'among' ? share : traffic.weightBasisPoints;
      return record.noteTraffic({ instances: { ...instances, ready }, weightBasisPoints });
    }
    case 'shift':
      return record.noteTraffic({ weightBasisPoints: step.weightBasisPoints });
    case 'retire': {
      const share = Math.round((ALL_TRAFFIC * instances.ready) / Math.max(1, instances.ready + step.keep));
      const isShared = traffic.weightBasisPoints > 0 && traffic.weightBasisPoints < ALL_TRAFFIC;
      return record.noteTraffic({
        before: before && { ...before, instances: Math.min(before.instances, step.keep) },
        weightBasisPoints: isShared ? share : traffic.weightBasisPoints,
      });
    }
    case 'hold':
      return record.noteTraffic({ isHolding: step.action === 'begin' });
    default:
      return;
  }
}
