import type { Client } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { insertPlan } from '../../../activities/adapters/postgres/plans.ts';
import type { Pool } from '../../../activities/adapters/postgres/pool.ts';
import type { EngineDeps } from '../../../client/engine/engine.ts';
import { applyConfiguration } from '../../../client/engine/environments/apply-configuration.ts';
import { planDigest } from '../../../client/engine/plans/digest.ts';
import { executePlan, type StartedRun } from '../../../client/engine/runs/execute-plan.ts';
import type { PlanId } from '#domain/ids.ts';
import { aPlan } from '../../support/runs/plan-builder.ts';
import { openTestEngine, type TestEngine } from '../../support/registry/test-engine.ts';

const [UNAVAILABLE, INVALID_ARGUMENT] = [14, 3];
const person = { name: 'ada', roles: [], verified: false };

let engine: TestEngine;
let pool: Pool;
let planId: PlanId;
let plans = 0;
beforeAll(async () => {
  engine = await openTestEngine();
  pool = await engine.deps.database();
});
afterAll(() => engine.close());

beforeEach(async () => {
  plans += 1;
  const environment = `env-${plans}`;
  const content = JSON.stringify({ environments: { [environment]: { name: environment, device_groups: [] } } });
  await applyConfiguration(engine.deps, { by: 'test', file: { name: 'test', content } });
  planId = `plan_${plans}` as PlanId;
  const plan = aPlan({ planId, environment: { ...aPlan().environment, name: environment } });
  await insertPlan(pool, { plan, digest: planDigest(plan) });
});

/** Temporal that answers each start with the next of `answers`: a gRPC status, 0 for taken. */
function temporalAnswering(answers: number[]): Client {
  const start = async (): Promise<void> => {
    const code = answers.shift() ?? 0;
    if (code !== 0) throw Object.assign(new Error(`gRPC status ${code}`), { code });
  };
  const connection = { withDeadline: (_deadline: number, work: () => Promise<void>) => work() };
  return { workflow: { start }, connection } as unknown as Client;
}

const execute = (answers: number[], over: Partial<EngineDeps> = {}): Promise<StartedRun> =>
  executePlan(
    {
      settings: engine.deps.settings,
      database: () => engine.deps.database(),
      dataDirectory: () => engine.deps.dataDirectory(),
      temporal: async () => temporalAnswering(answers),
      containers: engine.deps.containers,
      close: async () => undefined,
      ...over,
    },
    { planId, person },
  );

async function rows(): Promise<{ run: string; phase: string; closed: boolean }[]> {
  const { rows: found } = await pool.query<{ run: string; phase: string; closed: boolean }>(
    'select run_id as run, phase, closed from runs where plan_id = $1',
    [planId],
  );
  return found;
}

/** The pool, whose first commit is carried out although the connection is lost before its answer. */
function losingFirstCommit(): Pool {
  let isLost = false;
  const connect = async () => {
    const connection = await pool.connect();
    const query = async (text: string, values?: unknown[]): Promise<unknown> => {
      const result = await connection.query(text, values);
      if (text !== 'commit' || isLost) return result;
      isLost = true;
      throw new Error('Connection terminated unexpectedly');
    };
    return { query, release: (error?: Error) => connection.release(error) };
  };
  return { connect, query: pool.query.bind(pool) } as unknown as Pool;
}

describe('a database that is lost while the environment is taken', () => {
  it('is asked again: the row that it kept is the run’s own', async () => {
    const { run } = await execute([], { database: async () => losingFirstCommit() });
    expect(await rows()).toEqual([{ run, phase: 'queued', closed: false }]);
  });

  it('is missed as STACK_NOT_RUNNING when it does not come back in time', async () => {
    const lost = (): Promise<never> => Promise.reject(new Error('Connection terminated unexpectedly'));
    const gone = { connect: lost, query: pool.query.bind(pool) } as unknown as Pool;
    const settings = { ...engine.deps.settings, waitForPartMs: 300 };
    const failed = execute([], { settings, database: async () => gone });
    await expect(failed).rejects.toMatchObject({ code: 'STACK_NOT_RUNNING' });
    expect(await rows()).toEqual([]);
  });
});

describe('Temporal', () => {
  it('that was away for a moment is asked again', async () => {
    const { run } = await execute([UNAVAILABLE]);
    expect(await rows()).toEqual([{ run, phase: 'queued', closed: false }]);
  });

  it('that refuses the start gives the environment back at once', async () => {
    await expect(execute([INVALID_ARGUMENT])).rejects.toThrow('gRPC status 3');
    expect(await rows()).toMatchObject([{ phase: 'failed', closed: true }]);
  });

  it.each([
    ['a lost answer', [UNAVAILABLE, INVALID_ARGUMENT]],
    ['a broken call', [13]],
  ])('that may have taken the run by %s keeps it: the person is told its id', async (_what, answers) => {
    const failure: unknown = await execute(answers).catch((error: unknown) => error);
    const [row] = await rows();
    expect(row).toMatchObject({ phase: 'queued', closed: false });
    expect(failure).toMatchObject({
      code: 'COMMAND_UNANSWERED',
      exitCode: 6,
      message: `the start was sent to ${row?.run}, but no answer came`,
    });
  });
});
