import type { RunRow } from '../../../activities/adapters/postgres/runs.ts';
import { describeObstacle } from '../environments/describe-obstacle.ts';
import { tellTime, tellTimes, type Clock } from './clock.ts';
import type { QueuePlace } from './queue-place.ts';
import type { RunFacts } from './run-facts.ts';

/** What a run in phase queued does. */
export function describeQueued({ environment, view }: RunRow): string {
  const purpose = view?.step ? ' to go on' : '';
  return `waiting for its turn in ${environment}${purpose}`;
}

/** What is known of a run that nothing was heard of. */
export const describeSilent = ({ environment, place }: RunRow): string =>
  place === null
    ? 'starting: no worker has taken it yet'
    : `starting, or waiting for its turn in ${environment}: nothing was heard of it yet`;

/** Its position, whom it waits for and why, and since when; without the coordinator's word only the last. */
export function describeTurn({ status: { row }, queue }: RunFacts, clock: Clock): string {
  const since = `since ${tellTime(row.view?.state.since ?? row.startedAt, clock)}`;
  if (queue === null) return `for its turn in ${row.environment} · ${since}`;
  const keeps = row.subject.kind === 'application' ? row.subject.name : 'its devices';
  return [
    `${ordinal(queue.position)} of ${queue.of} in the queue of ${row.environment}`,
    tellTimes(
      describeObstacle(queue.obstacle, row.subject.kind, (run) => withDoing(run, queue)),
      clock,
    ),
    ...(queue.resumes ? [`keeps ${keeps} to itself meanwhile`] : []),
    since,
  ].join(' · ');
}

const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth', 'ninth', 'tenth'];

const ordinal = (position: number): string => ORDINALS[position - 1] ?? `number ${position}`;

/** `exe_… (bake 30 min after wave 2)`. */
function withDoing(run: string, { behind }: QueuePlace): string {
  const row = behind.find((one) => one.run === run);
  if (!row) return run;
  const doing = row.phase === 'running' ? (row.view?.step?.summary ?? row.phase) : row.phase;
  return `${run} (${doing})`;
}
