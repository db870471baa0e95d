// What programs read of `env queue`: the names are a contract.
import type { Obstacle } from '#domain/coordination/admission.ts';
import type { RunSubject } from '#domain/run/run-view.ts';
import { runDocument } from '../runs/status-document.ts';
import type { PlacedRun, WaitingRun } from './queue-of.ts';
import type { EnvironmentQueue } from './read-queue.ts';

export const queueDocument = ({ environment, maximum, emergency, holders, resting, waiting }: EnvironmentQueue) => ({
  environment,
  maximum,
  emergency,
  holders: holders.map(placedDocument),
  resting: resting.map(placedDocument),
  waiting: waiting.map(waitingDocument),
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
});

const whyOf = (obstacle: Obstacle, kind: RunSubject['kind']): string => {
  if (obstacle.kind === 'emergency') return 'emergency-rollback';
  if (obstacle.kind === 'maximum') return 'maximum-under-way';
  return kind === 'application' ? 'same-application' : 'devices-in-common';
};
