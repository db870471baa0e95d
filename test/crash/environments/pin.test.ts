// A rollback by hand, behind which the bad version waits: whoever dies, that is not let in, and the pin is set once.
import { expect, it } from 'vitest';
import { BOOKS_QUERY, coordinatorIdOf } from '#domain/coordination/coordinator-input.ts';
import { readHolds } from '../../../activities/adapters/postgres/holds.ts';
import { readRun } from '../../../activities/adapters/postgres/runs.ts';
import { unpinVersion } from '../../../client/engine/holds/pin-version.ts';
import { loadRunFacts } from '../../../client/engine/runs/run-facts.ts';
import { DEADLINE_MS, openScene } from '../../support/crash/scene.ts';
import type { Trial } from '../../support/crash/trial.ts';
import { eventually } from '../../support/eventually.ts';

const scene = openScene();
const SLOW = { waves: [100], maximumPerMinute: 240 };
const PERSON = { name: 'ada', roles: [], verified: false };

/** A run with some devices done, and one more of the same version behind it. */
async function openPair(name: string): Promise<{ trial: Trial; behind: string }> {
  const trial = await scene.open({ name, ...SLOW });
  await trial.execute();
  await trial.until('some have succeeded', ({ succeeded }) => succeeded > 0, DEADLINE_MS);
  const { run: behind } = await trial.executeAnother();
  await untilWaiting(behind, 'subject');
  return { trial, behind };
}

const untilWaiting = (run: string, why: string): Promise<void> =>
  eventually(async () => {
    const { queue } = await loadRunFacts(scene.world.deps, run);
    if (queue?.obstacle?.kind !== why) throw new Error(`${run} waits for ${queue?.obstacle?.kind ?? 'nothing'}`);
  }, DEADLINE_MS);

async function endCoordinator(environment: string): Promise<void> {
  const client = await scene.world.deps.temporal();
  await client.workflow.getHandle(coordinatorIdOf(environment)).terminate('by mistake');
}

async function expectPinnedOnce({ trial, behind }: { trial: Trial; behind: string }): Promise<void> {
  const { world, run } = trial;
  const { name: environment } = trial.options;
  const { rows } = await world.pool.query('select subject, pinned_by, ended_as from pins where environment = $1', [
    environment,
  ]);
  expect(rows).toEqual([{ subject: 'devices', pinned_by: 'ada', ended_as: null }]);
  const { pins } = await readHolds(world.pool, environment);
  expect(pins).toMatchObject([{ run, versions: [expect.any(String)] }]);
  const events = await world.pool.query<{ summary: string }>('select summary from run_events where run_id = $1', [
    behind,
  ]);
  expect(events.rows.filter(({ summary }) => summary.includes('it is its turn'))).toEqual([]);
}

it.each([
  ['before the end is written', ['journal:run-ended']],
  ['after the end is written, before anybody heard of it', ['journaled:run-ended']],
  [
    'at each step of the way back, and twice at its end',
    ['way-backs-written', 'journal:run-ended', 'journaled:run-ended'],
  ],
])('what waits behind a rollback waits when the worker dies %s', async (_when, points) => {
  const pair = await openPair(`pin-${points.length}-${points[0]?.replaceAll(':', '-') ?? ''}`);
  const armed = points.map((point) => scene.world.points.arm(point));
  await pair.trial.command('rollBackRun');
  for (const point of armed) await point.fired(DEADLINE_MS);
  await pair.trial.untilClosed(DEADLINE_MS);
  await scene.world.untilWell();
  await untilWaiting(pair.behind, 'pin');
  await expectPinnedOnce(pair);
  await unpinVersion(scene.world.deps, {
    environment: pair.trial.options.name,
    application: undefined,
    reason: 'mended',
    person: PERSON,
  });
  await eventually(
    async () => expect((await readRun(scene.world.pool, pair.behind))?.phase).toBe('completed'),
    DEADLINE_MS,
  );
});

it('it waits when its coordinator is ended between the way back and the end that was not written yet', async () => {
  const pair = await openPair('pin-lost-books');
  const { name: environment } = pair.trial.options;
  const ending = scene.world.points.arm('journal:run-ended', { then: 'hold' });
  await pair.trial.command('rollBackRun');
  await ending.fired(DEADLINE_MS);
  await eventually(async () => {
    const client = await scene.world.deps.temporal();
    const books = await client.workflow.getHandle(coordinatorIdOf(environment)).query(BOOKS_QUERY);
    expect(books).toMatchObject({ holders: [], told: [{ run: pair.trial.run }] });
  }, DEADLINE_MS);
  await endCoordinator(environment);
  const surveyed = scene.world.points.arm('after:surveyPlaces');
  await surveyed.fired(DEADLINE_MS);
  await untilWaiting(pair.behind, 'pin');
  ending.release();
  await pair.trial.untilClosed(DEADLINE_MS);
  await untilWaiting(pair.behind, 'pin');
  await expectPinnedOnce(pair);
});
