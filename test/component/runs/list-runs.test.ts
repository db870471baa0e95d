// `run list` and `deploy list`: the filters, against rows of both kinds.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { insertPlan } from '../../../activities/adapters/postgres/plans.ts';
import { inTransaction, type Pool } from '../../../activities/adapters/postgres/pool.ts';
import { insertRun } from '../../../activities/adapters/postgres/runs.ts';
import { planDigest } from '../../../client/engine/plans/digest.ts';
import { workflowIdOf, type PlanId, type RunId } from '#domain/ids.ts';
import type { Plan } from '#domain/plan/plan.ts';
import { lockOf } from '#domain/plan/plan-subject.ts';
import { isClosed, type Phase } from '#domain/run/run-state.ts';
import { containerPlanOf } from '../../support/containers/container-plan.ts';
import { runCli } from '../../support/registry/run-cli.ts';
import { openTestEngine, type TestEngine } from '../../support/registry/test-engine.ts';
import { aPlan } from '../../support/runs/plan-builder.ts';

interface Written {
  readonly plan: 'edge' | 'shop' | 'stock';
  readonly environment: string;
  readonly phase: Phase;
  readonly by: string;
  /** Hours before now. */
  readonly ago: number;
}

const PLANS: Readonly<Record<Written['plan'], (planId: PlanId) => Plan>> = {
  edge: (planId) => aPlan({ planId }),
  shop: (planId) => ({ ...containerPlanOf(), planId }),
  stock: (planId) => ({ ...containerPlanOf({ name: 'stock' }), planId }),
};

const RUNS: Readonly<Record<string, Written>> = {
  old: { plan: 'edge', environment: 'field', phase: 'completed', by: 'ada', ago: 200 },
  back: { plan: 'edge', environment: 'field', phase: 'rolled-back', by: 'lin', ago: 30 },
  bad: { plan: 'shop', environment: 'web', phase: 'failed', by: 'ada', ago: 20 },
  serving: { plan: 'shop', environment: 'web', phase: 'completed', by: 'lin', ago: 5 },
  waiting: { plan: 'stock', environment: 'web', phase: 'awaiting-approval', by: 'ada', ago: 3 },
  going: { plan: 'edge', environment: 'lab', phase: 'running', by: 'ada', ago: 1 },
};

let engine: TestEngine;
let pool: Pool;
beforeAll(async () => {
  engine = await openTestEngine();
  pool = await engine.deps.database();
  for (const [name, written] of Object.entries(RUNS)) await write(name, written);
});
afterAll(() => engine.close());

async function write(name: string, { plan: which, environment, phase, by, ago }: Written): Promise<void> {
  const [run, planId] = [`exe_${name}` as RunId, `plan_${name}` as PlanId];
  const plan = PLANS[which](planId);
  const { kind } = plan;
  await insertPlan(pool, { plan, digest: planDigest(plan) });
  const row = { run, workflowId: workflowIdOf(run, kind), planId, environment, kind, lock: lockOf(plan) };
  await inTransaction(pool, (connection) => insertRun(connection, { ...row, startedBy: by, place: null }));
  await pool.query(
    `update runs set phase = $2, closed = $3, started_at = now() - make_interval(hours => $4) where run_id = $1`,
    [run, phase, isClosed(phase), ago],
  );
}

const sluice = (words: string) => runCli(engine, ...words.split(' '));

async function listed(words: string): Promise<string[]> {
  const { runs } = (await sluice(`run list ${words} --output json`)).json() as { runs: { execution_id: string }[] };
  return runs.map(({ execution_id: run }) => run.replace('exe_', ''));
}

describe('a list of runs', () => {
  it.each([
    ['--limit 20', ['going', 'waiting', 'serving', 'bad', 'back', 'old']],
    ['--limit 2', ['going', 'waiting']],
    ['--environment web', ['waiting', 'serving', 'bad']],
    ['--application shop', ['serving', 'bad']],
    ['--application edge', ['going', 'back', 'old']],
    ['--kind fleet-rollout', ['going', 'back', 'old']],
    ['--kind container-release', ['waiting', 'serving', 'bad']],
    ['--phase failed,rolled-back', ['bad', 'back']],
    ['--phase failed --phase running', ['going', 'bad']],
    ['--phase open', ['going', 'waiting']],
    ['--phase closed', ['serving', 'bad', 'back', 'old']],
    ['--phase open,completed', ['going', 'waiting', 'serving', 'old']],
    ['--started-by lin', ['serving', 'back']],
    ['--since 4h', ['going', 'waiting']],
    ['--until 7d', ['old']],
    ['--since 2d --until 10h', ['bad', 'back']],
    ['--since 2020-01-01 --until 2020-12-31', []],
    ['--started-by ada --phase closed --application edge --since 30d', ['old']],
    ['--started-by ada --limit 1 --phase closed', ['bad']],
  ])('with %s holds exactly %j', async (words, names) => expect(await listed(words)).toEqual(names));

  it('is the same under the name of deployments', async () => {
    const said = await sluice('deploy list --phase open --started-by ada --output json');
    expect(said.json()).toMatchObject({
      deployments: [{ execution_id: 'exe_going' }, { execution_id: 'exe_waiting' }],
    });
  });

  it('that its filters make empty says so, and which they are', async () => {
    const empty = await sluice('deploy list --application edge --phase open,failed --started-by zoe');
    expect(empty).toMatchObject({ exitCode: 0, stderr: '' });
    expect(empty.stdout).toBe(
      'no run matches --application edge --phase open,failed --started-by zoe   ·   all: sluice run list\n',
    );
    expect(await listed('--started-by zoe')).toEqual([]);
  });

  it('takes what is typed for a value and nothing else', async () => {
    const said = await runCli(engine, 'run', 'list', '--started-by', `ada' or '1'='1`, '--output', 'json');
    expect(said.json()).toEqual({ runs: [] });
    const unnamed = await runCli(engine, 'run', 'list', '--application', '', '--output', 'json');
    expect(unnamed.json()).toEqual({ runs: [] });
  });

  it.each([
    ['--phase broken', '--phase', 'rollback-incomplete'],
    ['--since yesterday', '--since', '7d'],
    ['--until 2026-02-30', '--until', '7d'],
    ['--since 1h --until 2h', '--since', 'exchange them'],
    ['--kind firmware', 'sluice run list', 'run list --help'],
    ['--limit none', 'sluice run list', 'run list --help'],
  ])('with %s is refused, with where and what to do', async (words, where, hint) => {
    const refused = await sluice(`run list ${words} --output json`);
    expect(refused.exitCode).toBe(2);
    expect(refused.json()).toMatchObject({
      error: { code: 'USAGE', where, hint: expect.stringContaining(hint) as unknown },
    });
  });
});
