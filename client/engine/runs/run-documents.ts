// What programs read of a run besides its status: the answers for people, its devices, its evidence.
import type { RunDevice } from '../../../activities/adapters/postgres/run-devices.ts';
import type { StoredEvidence } from '../../../activities/adapters/postgres/evidence.ts';
import type { RunSubject } from '#domain/run/run-view.ts';
import { obstacleDocument } from '../environments/queue-document.ts';
import { promotionDocument } from '../promotions/promotion-document.ts';
import type { RunPicture } from './describe-run.ts';
import type { QueuePlace } from './queue-place.ts';
import type { RunDevices } from './run-devices.ts';
import type { RunFacts } from './run-facts.ts';

export function answersDocument({ examples, status, queue, plan }: RunFacts, picture: RunPicture) {
  const { since, doing, why, soFar, devices, next, waiting, back, youCan } = picture;
  return {
    answers: { since, doing, why, so_far: soFar, devices, next, waiting, back, you_can: youCan },
    promoted_from: promotionDocument(plan.promotedFrom),
    queue: queue && placeDocument(queue, status.row.subject.kind),
    examples: { failed: examples.failed.map(deviceDocument), left: examples.left.map(deviceDocument) },
  };
}

const placeDocument = ({ position, of, resumes, obstacle }: QueuePlace, kind: RunSubject['kind']) => ({
  position,
  of,
  resumes,
  ...obstacleDocument(obstacle, kind),
});

export const devicesDocument = ({ run, devices, complete }: RunDevices) => ({
  execution_id: run,
  devices: devices.map(deviceDocument),
  complete,
});

const deviceDocument = ({ thing, wave, install, wayBack, previousFirmware, reason }: RunDevice) => ({
  thing,
  wave,
  state: install,
  way_back: wayBack,
  previous_firmware: previousFirmware,
  reason,
});

export const evidenceDocument = ({ run, evidence }: { run: string; evidence: readonly StoredEvidence[] }) => ({
  execution_id: run,
  evidence: evidence.map(({ id, step, at, body }) => ({ evidence_id: id, step, at, body })),
});
