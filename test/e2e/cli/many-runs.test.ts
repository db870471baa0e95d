// More open runs than are asked one by one whether they are over.
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { reconcileRuns } from '../../../client/engine/runs/reconcile-journal.ts';
import { SuspectSearch } from '../../../client/engine/runs/suspect-search.ts';
import { eventually } from '../../support/eventually.ts';
import { FLEET_ROLLOUT_WORKFLOW } from '#domain/search-attributes.ts';
import { approve, offer } from '../../support/runs/plan-builder.ts';
import { openCliWorld, type CliWorld } from './cli-world.ts';

const MANY = 220;
const DEADLINE_MS = 60_000;
let world: CliWorld;
beforeAll(async () => {
  world = await openCliWorld();
});
afterAll(() => world.close());
afterEach(() => vi.restoreAllMocks());

/** A run that waits for people. */
async function startAsking(): Promise<string> {
  const planId = await world.plan({ steps: [approve(), offer(1)] });
  const run = (await world.json('deploy', 'execute', '--plan-id', planId))['execution_id'] as string;
  await eventually(async () =>
    expect(await world.json('run', 'show', run)).toMatchObject({ status: 'awaiting-approval' }),
  );
  return run;
}

/** Rows of runs that stand open: no worker gets to them. */
async function stillOpen(): Promise<string[]> {
  const runs = await neverStarted();
  const client = await world.deps.temporal();
  const start = (run: string) =>
    client.workflow.start(FLEET_ROLLOUT_WORKFLOW, { workflowId: `fleet-rollout/${run}`, taskQueue: 'nobody' });
  await Promise.all(runs.map(start));
  return runs;
}

/** Rows whose starters died before the start. */
async function neverStarted(count = MANY): Promise<string[]> {
  const planId = await world.plan();
  const runs = Array.from(
    { length: count },
    () => `exe_${randomUUID().replaceAll('-', '').slice(0, 26).toUpperCase()}`,
  );
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

  it('lists all of them once, and what has closed in its later looks', async () => {
    const run = await startAsking();
    const others = await stillOpen();
    const client = await world.deps.temporal();
    const list = vi.spyOn(client.workflow, 'list');
    const search = new SuspectSearch(world.deps);
    const asked = async (): Promise<string[]> => (await reconcileRuns(world.deps, search)).map((one) => one.run);
    await asked();
    // None of them is missing in the list now, or was asked.
    expect(await asked()).toEqual([]);
    await client.workflow.getHandle(`fleet-rollout/${run}`).terminate('wrong plan');
    await eventually(async () => expect(await asked()).toEqual([run]), DEADLINE_MS);
    expect(await asked()).not.toContain(others[0]);
    const queries = list.mock.calls.map(([options]) => options?.query ?? '');
    expect(queries.filter((query) => query.startsWith("ExecutionStatus = 'Running'"))).toHaveLength(1);
    expect(queries.length).toBeGreaterThan(2);
  });

  it('asks again one whose workflow is not there yet, until it surely never started', async () => {
    await stillOpen();
    const search = new SuspectSearch(world.deps);
    const look = () => reconcileRuns(world.deps, search);
    await look();
    const [young] = await neverStarted(1);
    const age = (by: string) =>
      world.pool.query('update runs set started_at = now() - $2::interval where run_id = $1', [young, by]);
    await age('1 second');
    expect(await look()).toContainEqual({ run: young, what: 'starting', detail: '' });
    await age('1 minute');
    expect(await look()).toContainEqual({ run: young, what: 'closed', detail: 'never started' });
  });

  it('asks those that began since it listed all of them', async () => {
    await stillOpen();
    const search = new SuspectSearch(world.deps);
    await reconcileRuns(world.deps, search);
    const [lost] = await neverStarted(1);
    expect(await reconcileRuns(world.deps, search)).toContainEqual({
      run: lost,
      what: 'closed',
      detail: 'never started',
    });
  });
});
