// What programs read of `env queue`: the names are a contract.
import type { Obstacle } from '#domain/coordination/admission.ts';
import type { RunSubject } from '#domain/run/run-view.ts';
import { freezeDocument, holdsDocument, pinDocument } from '../holds/holds-document.ts';
import { askedDocument, runDocument } from '../runs/status-document.ts';
import type { PlacedRun, WaitingRun } from './queue-of.ts';
import type { EnvironmentQueue } from './read-queue.ts';

export const queueDocument = ({
  environment,
  maximum,
  emergency,
  holders,
  resting,
  waiting,
  asking,
  ...holds
}: EnvironmentQueue) => ({
  environment,
  maximum,
  emergency,
  ...holdsDocument(holds),
  holders: holders.map(placedDocument),
  resting: resting.map(placedDocument),
  waiting: waiting.map(waitingDocument),
  asking: asking.map(({ row, waiting: asked }) => ({ ...runDocument(row), approval: askedDocument(asked) })),
});

const placedDocument = ({ row, claim }: PlacedRun) => ({ ...runDocument(row), since: claim.since });

const waitingDocument = (one: WaitingRun) => ({
  position: one.position,
  ...placedDocument(one),
  priority: one.claim.priority,
  resumes: one.resumes,
  ...obstacleDocument(one.obstacle, one.row.subject.kind),
});

/** `why`: null for who is about to be let in. */
export const obstacleDocument = (obstacle: Obstacle | null, kind: RunSubject['kind']) => ({
  why: obstacle === null ? null : whyOf(obstacle, kind),
  behind: obstacle === null ? [] : obstacle.behind,
  ...(obstacle?.kind === 'freeze' && { freeze: freezeDocument(obstacle.freeze) }),
  ...(obstacle?.kind === 'pin' && { pin: pinDocument(obstacle.pin) }),
});

function whyOf(obstacle: Obstacle, kind: RunSubject['kind']): string {
  switch (obstacle.kind) {
    case 'maximum':
      return 'maximum-under-way';
    case 'subject':
      return kind === 'application' ? 'same-application' : 'devices-in-common';
    case 'emergency':
      return 'emergency-rollback';
    case 'freeze':
      return 'frozen';
    case 'pin':
      return 'pinned';
    case 'holds-unread':
      return 'holds-unread';
  }
}
