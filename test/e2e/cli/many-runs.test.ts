// More open runs than are asked one by one whether they are over.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reconcileRuns } from '../../../client/engine/runs/reconcile-journal.ts';
import { eventually } from '../../support/eventually.ts';
import { approve, offer } from '../../support/runs/plan-builder.ts';
import { openCliWorld, type CliWorld } from './cli-world.ts';

const MANY = 220;
const DEADLINE_MS = 60_000;
let world: CliWorld;
beforeAll(async () => {
  world = await openCliWorld();
});
afterAll(() => world.close());

/** A run that waits for people. */
async function startAsking(): Promise<string> {
  const planId = await world.plan({ steps: [approve(), offer(1)] });
  const run = (await world.json('deploy', 'execute', '--plan-id', planId))['execution_id'] as string;
  await eventually(async () =>
    expect(await world.json('run', 'show', run)).toMatchObject({ status: 'awaiting-approval' }),
  );
  return run;
}

/** Rows whose starters died before the start. */
async function neverStarted(): Promise<string[]> {
  const planId = await world.plan();
  const runs = Array.from({ length: MANY }, () => `exe_${randomUUID().replaceAll('-', '').slice(0, 26).toUpperCase()}`);
  await world.pool.query(
    `insert into runs (run_id, workflow_id, plan_id, environment, subject, kind, phase, started_by, started_at)
     select run, 'fleet-rollout/' || run, $2, 'elsewhere', run, 'fleet-rollout', 'queued', 'lin', now() - interval '1 hour'
     from unnest($1::text[]) as run`,
    [runs, planId],
  );
  return runs;
}

describe('the reconciler beside many open runs', () => {
  it('closes those that are surely over, and leaves those alone that are not', async () => {
    const open = await startAsking();
    const lost = await neverStarted();
    const first = await reconcileRuns(world.deps);
    expect(new Set(first.filter(({ what }) => what === 'closed').map(({ run }) => run))).toEqual(new Set(lost));
    expect(await world.json('run', 'show', open)).toMatchObject({ completed_at: null });
  });

  it('finds one that was terminated although the list of the server lags behind', async () => {
    const run = await startAsking();
    const lost = await neverStarted();
    const client = await world.deps.temporal();
    await client.workflow.getHandle(`fleet-rollout/${run}`).terminate('wrong plan');
    const closed = new Set<string>();
    await eventually(async () => {
      for (const { run: one, what } of await reconcileRuns(world.deps)) if (what === 'closed') closed.add(one);
      expect(closed).toContain(run);
    }, DEADLINE_MS);
    expect(closed.size).toBe(lost.length + 1);
  });
});
