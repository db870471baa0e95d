import type { Client } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { applyConfiguration } from '../../../client/engine/environments/apply-configuration.ts';
import { environmentDocument } from '../../../client/engine/environments/environment-document.ts';
import { loadEnvironment } from '../../../client/engine/environments/load-environment.ts';
import type { EngineDeps } from '../../../client/engine/engine.ts';
import { executePlan } from '../../../client/engine/runs/execute-plan.ts';
import { presentEnvironment } from '../../../activities/runtime/present-environment.ts';
import type { Pool } from '../../../activities/adapters/postgres/pool.ts';
import type { RunInput } from '#domain/run/run-input.ts';
import { depsWith } from '../../support/containers/fake-operations.ts';
import { openPlanningWorld, type PlanningWorld } from '../../support/plans/planning-world.ts';
import { insertRunOf } from '../../support/promotions/tried.ts';
import { aPlan } from '../../support/runs/plan-builder.ts';

let world: PlanningWorld;
let pool: Pool;
beforeAll(async () => {
  world = await openPlanningWorld();
  pool = await world.deps.database();
});
afterAll(() => world.close());
beforeEach(() => pool.query('truncate plans, runs, configuration, environments cascade'));

const ruled = (rules: object, more = ''): string =>
  `environments: { production: { policy_rules: ${JSON.stringify(rules)}${more} } }`;
const RULE = { name: 'office-hours', when: 'now.hour >= 9 && now.hour < 17', message: 'people are there to look' };

describe('rules of an environment', () => {
  it('are stored with it and shown', async () => {
    await world.apply(ruled([{ ...RULE, steps: ['shift', 'offer'] }], ', policy_timezone: Europe/Berlin'));
    const environment = await loadEnvironment(world.deps, 'production');
    expect(environmentDocument(environment)).toMatchObject({
      policy_rules: [{ ...RULE, steps: ['shift', 'offer'] }],
      policy_timezone: 'Europe/Berlin',
    });
    expect(await presentEnvironment(pool, 'production')).toEqual(environment);
    expect(await presentEnvironment(pool, 'nowhere')).toBeNull();
  });

  it.each([
    [
      'asks of what there is not',
      [{ ...RULE, when: 'now.weekday != "fri"\n  && release.size < 3' }],
      [
        'environments.production.policy_rules[0].when (office-hours), line 2, column 6',
        'Unknown variable: release',
        'Known: run.{id',
      ],
    ],
    [
      'is no expression',
      [RULE, { ...RULE, name: 'b', when: 'now.hour <' }],
      ['policy_rules[1].when (b), line 1, column 11'],
    ],
    ['is neither true nor false', [{ ...RULE, when: 'now.hour' }], ['got one of type int']],
    ['has the name of another', [RULE, RULE], ['rules with a name each of its own']],
    ['names steps that there are not', [{ ...RULE, steps: ['deploy'] }], ['one of gate, approve']],
    ['has no message', [{ name: 'a', when: 'true' }], ['policy_rules[0].message']],
  ])('are refused when one %s, and nothing is stored', async (_what, rules, texts) => {
    const error = await world.apply(ruled(rules)).catch((one: unknown) => one as { code: string; message: string });
    expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
    for (const text of texts) expect('message' in error && error.message).toContain(text);
    expect((await pool.query('select 1 from environments')).rows).toEqual([]);
  });

  it('that another version stored in a form of its own are not guessed at', async () => {
    await world.apply(ruled([RULE]));
    await pool.query(`update environments set spec = jsonb_set(spec, '{policy_rules,0,unless}', '"x"')`);
    await expect(presentEnvironment(pool, 'production')).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});

describe('runs of an environment with rules', () => {
  const started: RunInput[] = [];
  const told: string[] = [];
  const temporal = (signal: () => Promise<void> = async () => undefined): EngineDeps => {
    const start = async (_type: string, { args }: { args: [RunInput] }) => void started.push(...args);
    const getHandle = (id: string) => ({ signal: () => signal().then(() => void told.push(id)) });
    const connection = { withDeadline: (_deadline: number, work: () => Promise<void>) => work() };
    return depsWith(world.deps, {
      temporal: async () => ({ workflow: { start, getHandle }, connection }) as unknown as Client,
    });
  };
  const apply = (deps: EngineDeps, content: string) =>
    applyConfiguration(deps, { file: { content, name: 'c' }, by: 'lin' });
  beforeEach(() => {
    started.length = 0;
    told.length = 0;
  });

  it('ask them from their start; others do not', async () => {
    await world.firmware('1.1.0');
    await world.firmware('1.0.0');
    await world.devices(1);
    const person = { name: 'ada', roles: [], verified: false };
    const file = { name: 'p', firmware_version: '1.1.0', target_environment: 'production', strategy: 'canary' };
    await world.apply('environments: { production: {} }');
    await executePlan(temporal(), { planId: (await world.plan(file)).plan.planId, person });
    await apply(temporal(), ruled([RULE]));
    await executePlan(temporal(), { planId: (await world.plan(file)).plan.planId, person });
    expect(started.map(({ asksPolicy }) => asksPolicy)).toEqual([undefined, true]);
  });

  it('that are under way are told, once each, when there are some', async () => {
    await insertRunOf(pool, aPlan(), 'exe_open', 'running');
    await insertRunOf(pool, aPlan(), 'exe_over', 'completed');
    await apply(temporal(), 'environments: { production: {}, staging: { policy_rules: [] } }');
    expect(told).toEqual([]);
    await apply(temporal(), ruled([RULE]));
    expect(told).toEqual(['exe_open']);
    await pool.query(`update runs set view = '{"asksPolicy": true}' where run_id = 'exe_open'`);
    await apply(temporal(), ruled([RULE]));
    expect(told).toEqual(['exe_open']);
  });

  it('that could not be told are named, and told by the same file applied again', async () => {
    await insertRunOf(pool, aPlan(), 'exe_open', 'running');
    const silent = temporal(() => Promise.reject(new Error('nobody there')));
    expect((await apply(silent, ruled([RULE]))).notes).toContainEqual(
      expect.stringMatching(
        /run exe_open could not be told of the policy rules \(nobody there\); apply the file again/,
      ),
    );
    expect((await apply(temporal(), ruled([RULE]))).notes.join()).not.toContain('could not be told');
    expect(told).toEqual(['exe_open']);
  });
});
