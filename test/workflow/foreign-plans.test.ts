// What another version, or somebody else, gave a run to do: it ends at once and says why, and never hangs.
import { expect, it } from 'vitest';
import { A_PLACE } from '../support/runs/a-place.ts';
import { bake, CANARY, offer } from '../support/runs/plan-builder.ts';
import { runsOfThisFile } from '../support/runs/with-run.ts';

const startRun = runsOfThisFile();

it.each([
  ['of a later schema', { schema: 2 as never, steps: CANARY }, 'its schema is 2, this version knows 1'],
  [
    'with a step of a later version',
    { steps: [offer(1), { ...bake(1), kind: 'teleport' } as never] },
    'step 2 has the unknown kind "teleport"',
  ],
  ['without steps', { steps: undefined as never }, 'it has no steps'],
])('a plan %s ends its run as failed before anything is done', async (_what, plan, why) => {
  const run = await startRun({ plan, input: { place: A_PLACE } });
  const end = { phase: 'failed', reason: `plan plan_test cannot be carried out by this worker: ${why}`, left: 0 };
  expect(await run.result()).toEqual(end);
  const called = run.fleet.calls.map(({ name }) => name);
  expect(called.filter((name) => name !== 'appendJournal')).toEqual([]);
  const types = run.fleet.journal(run.runId).map(({ type }) => type);
  expect([types[0], types.at(-1)]).toEqual(['run-started', 'run-ended']);
});

it.each([
  ['nothing', undefined],
  ['text', 'plan_test'],
  ['a run without a plan', { schema: 1, run: 'exe_1' }],
])('an input that is %s closes the workflow instead of failing its task for ever', async (_what, input) => {
  const run = await startRun({ rawInput: [input] });
  await expect(run.result()).rejects.toMatchObject({ cause: { type: 'PLAN_NOT_UNDERSTOOD' } });
});
