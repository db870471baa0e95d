// A release of many days, played in seconds.
import { expect, it } from 'vitest';
import { approve, DAY_MS, HOUR_MS } from '../../support/runs/plan-builder.ts';
import { aReleasePlan, CANARY_RELEASE } from '../../support/runs/container-plan-builder.ts';
import { pageOf } from '../../support/runs/page-of.ts';
import type { RunWorld } from '../../support/runs/run-world.ts';
import { releasesOfThisFile } from '../../support/runs/with-release.ts';

const startRelease = releasesOfThisFile();

/** Hours from the start to the begin of each step and to the end, as the journal has them. */
function timeline(run: RunWorld): [string, number][] {
  const entries = run.fleet.journal(run.runId);
  const startedMs = Date.parse(entries[0]?.at ?? '');
  return entries
    .filter(({ type }) => type === 'step-started' || type === 'run-ended')
    .map(({ at, summary }) => [summary, Math.round((Date.parse(at) - startedMs) / HOUR_MS)]);
}

const TABLE = ['| version | traffic | instances |', '|---|---|---|'];

it('a canary with three bakes of a day and an approval of two goes as its plan says', async () => {
  const parts = { strategy: CANARY_RELEASE, steps: { bakeMs: DAY_MS } };
  const { steps, watch } = aReleasePlan(parts);
  const at = steps.findIndex(({ id }) => id === 'shift-2');
  const asking = [...steps.slice(0, at), approve({ opens: '50 % of the traffic' }), ...steps.slice(at)];
  const run = await startRelease({ ...parts, plan: { steps: asking, watch: { ...watch, everyMs: HOUR_MS } } });
  await run.journaled('step-started', /bake 1 d/);
  const canary = await pageOf(run);
  expect(canary).toContain('## Shop 2.0.0: shop 2.0.0 → production');
  expect(canary).toContain('- **doing**: bake 1 d after 10 % of the traffic (step 5 of 11)');
  expect(canary).toContain(
    [
      ...TABLE,
      '| 1.0.0 | 90 % | 2 |',
      '| 2.0.0 | 10 % | 2 ready of 2 |',
      '',
      'clients reach it at 127.0.0.1:8100',
    ].join('\n'),
  );
  await run.sleep(DAY_MS + HOUR_MS);
  await run.journaled('phase-changed', /waits/);
  await run.sleep(2 * DAY_MS - HOUR_MS);
  await run.approve('ada');
  expect((await run.result()).phase).toBe('completed');
  expect(timeline(run)).toEqual([
    ['pull the image', 0],
    ['start 2 instances of the new version', 0],
    ['wait until 2 new instances are ready', 0],
    ['10 % of the traffic to the new version', 0],
    ['bake 1 d after 10 % of the traffic', 0],
    ['approval of 50 % of the traffic (1 of role approver)', 24],
    ['50 % of the traffic to the new version', 72],
    ['bake 1 d after 50 % of the traffic', 72],
    ['100 % of the traffic to the new version', 96],
    ['bake 1 d after 100 % of the traffic', 96],
    ['remove the old instances', 120],
    ['completed', 120],
  ]);
  const over = await pageOf(run);
  expect(over).toContain([...TABLE, '| 1.0.0 | 0 % | 0 |', '| 2.0.0 | 100 % | 2 ready of 2 |'].join('\n'));
  // Five days of looking are one activity: a look costs no event.
  const { events } = await run.handle.fetchHistory();
  const called = (events ?? []).map((event) => event.activityTaskScheduledEventAttributes?.activityType?.name);
  expect(called.filter((name) => name === 'watchCriteria')).toHaveLength(1);
});
