import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { insertPlan } from '../../../activities/adapters/postgres/plans.ts';
import { showApplication } from '../../../client/engine/applications/show-application.ts';
import { keepPlan } from '../../../client/engine/promotions/keep-plan.ts';
import { promote, type PromoteWish, type Promotion } from '../../../client/engine/promotions/promote.ts';
import { planDigest } from '../../../client/engine/plans/digest.ts';
import { loadPlan } from '../../../client/engine/plans/load-plan.ts';
import { executePlan } from '../../../client/engine/runs/execute-plan.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import type { Phase } from '#domain/run/run-state.ts';
import { ADA, openReleaseWorld, type ReleaseWorld } from '../../support/containers/release-world.ts';
import { depsWith, pinned } from '../../support/containers/fake-operations.ts';
import { insertRunOf } from '../../support/promotions/tried.ts';

const TWO = `applications:
  shop: { image: registry.test/shop, port: 8080, replicas: 4, depends_on: [cart] }
  cart: { image: registry.test/cart, port: 8080, replicas: 1 }`;
const CONFIGURATION = `
environments:
  production: { target: docker, approval_required: true, promote_with: { strategy: canary, canary_steps: [50, 100] } }
  staging: { target: docker }
  qa: { target: docker }
  field: {}
people: { ada: { roles: [approver] } }`;

let world: ReleaseWorld;
let release = 0;
beforeAll(async () => void (world = await openReleaseWorld()));
afterAll(() => world.close());
beforeEach(async () => {
  await world.pool.query(
    'truncate plans, runs, releases, application_places, configuration, environments, applications cascade',
  );
  world.worker.images.clear();
  world.worker.asked.length = 0;
  world.started.length = 0;
  release = 0;
  await world.configure(CONFIGURATION);
  await world.applications(TWO);
});

/** A run brought `version` into `environment` and ended in `phase`; the result is its run. */
async function tried(version: string, environment = 'staging', phase: Phase = 'completed', application = 'shop') {
  release += 1;
  const { plan } = await world.plan({ application, version, environment });
  await world.release(plan, release);
  const run = `exe_${environment}${release}`;
  await insertRunOf(world.pool, plan, run, phase);
  return { run, plan };
}

const WISH: PromoteWish = {
  from: 'staging',
  to: 'production',
  subject: 'shop',
  version: null,
  reason: 'it is good',
  person: ADA,
  isPlanOnly: false,
  acceptNoWayBack: null,
};
const promoteShop = (over: Partial<PromoteWish> = {}) => promote(world.deps, { ...WISH, ...over });

async function only(over: Partial<PromoteWish> = {}): Promise<Exclude<Promotion, { kind: 'under-way' }>> {
  const { promotions } = await promoteShop(over);
  const [one] = promotions;
  if (one === undefined || one.kind === 'under-way') throw new Error('nothing was planned');
  return one;
}

const planCount = async (): Promise<number> =>
  (await world.pool.query(`select 1 from plans where environment = 'production'`)).rows.length;

describe('what passed in staging', () => {
  it('goes to production by its digest although the tag was moved, the way production wants it', async () => {
    const { run, plan } = await tried('1.1.0');
    const moved = pinned('registry.test/shop:other');
    world.worker.images.set('registry.test/shop:1.1.0', moved);
    const { stored, kind } = await only();
    expect(kind).toBe('started');
    expect(stored.plan).toMatchObject({
      environment: { name: 'production' },
      sourceEnvironment: 'staging',
      promotedFrom: { environment: 'staging', run, digest: plan.application.image.digest },
      application: { version: '1.1.0', image: { digest: plan.application.image.digest } },
      author: 'ada',
    });
    expect(stored.plan.steps.map(({ kind: step }) => step)).toContain('approve');
    expect(world.started).toMatchObject([
      { input: { plan: { planId: stored.plan.planId }, startedBy: { reason: 'it is good' } } },
    ]);
    expect(world.worker.asked.filter(({ name }) => name === 'resolveImage').at(-1)).toMatchObject({
      input: { reference: plan.application.image.image },
    });
  });

  it('takes the strategy that production names for what is promoted to it', async () => {
    await tried('1.0.0', 'production');
    await tried('1.1.0');
    const { stored } = await only({ isPlanOnly: true });
    expect(stored.plan.strategy).toEqual({ kind: 'canary', weightsPercent: [50, 100] });
    expect(world.started).toEqual([]);
  });

  it('is an older version where one is named that passed', async () => {
    await tried('1.1.0');
    await tried('1.2.0');
    const { source } = await only({ version: '1.1.0' });
    expect(source).toMatchObject({ version: '1.1.0', run: 'exe_staging1' });
  });

  it('is everything that differs, and what others depend on comes first', async () => {
    await tried('1.0.0', 'production', 'completed', 'shop');
    await tried('1.1.0');
    await tried('2.0.0', 'staging', 'completed', 'cart');
    const { promotions } = await promoteShop({ subject: null });
    expect(promotions.map(({ source }) => `${source.subject} ${source.version}`)).toEqual(['cart 2.0.0', 'shop 1.1.0']);
    expect(world.started).toHaveLength(2);
  });

  it('leaves out what did not pass when everything is asked for', async () => {
    await tried('1.1.0');
    await tried('2.0.0', 'staging', 'running', 'cart');
    const { promotions, leftOut } = await promoteShop({ subject: null });
    expect(promotions).toHaveLength(1);
    expect(leftOut).toMatchObject([{ subject: 'cart', version: '2.0.0', why: 'run exe_staging2 is running' }]);
  });

  it('is told of the release that came so', async () => {
    const { run } = await tried('1.1.0');
    const { stored } = await only({ isPlanOnly: true });
    await world.release(stored.plan as Parameters<ReleaseWorld['release']>[0], 9);
    const { deployed } = await showApplication(world.deps, 'shop', 'production');
    expect(deployed?.kept[0]?.promotedFrom).toMatchObject({ environment: 'staging', run });
  });
});

describe('a promotion that is asked for twice', () => {
  it('goes on with the plan that was made before and never started', async () => {
    await tried('1.1.0');
    const first = await only({ isPlanOnly: true });
    const second = await only();
    expect(second).toMatchObject({ kind: 'started', isFromBefore: true });
    expect(second.stored).toEqual(first.stored);
    expect(await planCount()).toBe(1);
  });

  it('makes a plan of its own for another author, and when the rules have changed', async () => {
    await tried('1.1.0');
    const first = await only({ isPlanOnly: true });
    const byLin = await only({ isPlanOnly: true, person: { ...ADA, name: 'lin' } });
    await world.configure('environments: { production: { target: docker, approval_required: false } }');
    const later = await only({ isPlanOnly: true });
    expect(new Set([first, byLin, later].map(({ stored }) => stored.plan.planId)).size).toBe(3);
  });

  it('names the run that is on its way and starts no second one', async () => {
    await tried('1.1.0');
    const first = await only();
    const { promotions } = await promoteShop();
    expect(promotions).toMatchObject([{ kind: 'under-way', open: { phase: 'queued' } }]);
    expect(world.started.map(({ workflowId }) => workflowId)).toHaveLength(1);
    expect(first.kind === 'started' && promotions[0]?.kind === 'under-way' && promotions[0].open.run).toBe(
      first.kind === 'started' && first.started.run,
    );
  });

  it('starts a new run where the one before was killed before it began', async () => {
    await tried('1.1.0');
    await only();
    await world.pool.query(
      `update runs set started_at = now() - interval '1 hour' where environment = 'production' and not closed`,
    );
    const temporal = await world.deps.temporal();
    const gone = () => ({
      describe: () => Promise.reject(new WorkflowNotFoundError('workflow not found for ID', 'id', undefined)),
    });
    const workflow = { ...temporal.workflow, getHandle: gone };
    const deps = depsWith(world.deps, { temporal: async () => ({ ...temporal, workflow }) as unknown as Client });
    const { promotions } = await promote(deps, { ...WISH });
    expect(promotions).toMatchObject([{ kind: 'started', isFromBefore: false }]);
    const { rows } = await world.pool.query(
      `select phase, closed from runs where environment = 'production' order by started_at`,
    );
    expect(rows).toEqual([
      { phase: 'failed', closed: true },
      { phase: 'queued', closed: false },
    ]);
  });

  it('starts one run of the plan when two do it at the same moment', async () => {
    await tried('1.1.0');
    const { stored } = await only({ isPlanOnly: true });
    const start = () => executePlan(world.deps, { planId: stored.plan.planId, person: ADA, isOnly: true });
    const both = await Promise.allSettled([start(), start()]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'DEPLOYMENT_IN_PROGRESS' },
    });
  });

  it('finds one plan when two make it at the same moment', async () => {
    await tried('1.1.0');
    const { stored } = await only({ isPlanOnly: true });
    await world.pool.query(`delete from plans where plan_id = $1`, [stored.plan.planId]);
    const again = (planId: string) =>
      keepPlan(world.deps, { ...stored.plan, planId: planId as typeof stored.plan.planId });
    const kept = await Promise.all([again('plan_one'), again('plan_two')]);
    expect(new Set(kept.map((one) => one.stored.plan.planId)).size).toBe(1);
  });
});

describe('what cannot be promoted', () => {
  const code = (expected: string, part: object = {}) => expect.objectContaining({ code: expected, ...part }) as unknown;
  const says = (text: string) => ({ message: expect.stringContaining(text) as unknown });

  it('is an application that was never there', async () => {
    await expect(promoteShop()).rejects.toEqual(code('PROMOTION_NEVER_DEPLOYED'));
    await expect(promoteShop({ subject: null })).rejects.toEqual(code('PROMOTION_NEVER_DEPLOYED'));
    await expect(promoteShop({ subject: 'shopp' })).rejects.toEqual(code('APPLICATION_UNKNOWN'));
  });

  it.each<Phase>(['running', 'rolled-back', 'failed'])(
    'is a release whose run is %s: the run is named',
    async (phase) => {
      await tried('1.1.0', 'staging', phase);
      await expect(promoteShop()).rejects.toEqual(code('PROMOTION_NOT_PASSED', says(`run exe_staging1 is ${phase}`)));
    },
  );

  it('is a version whose run never came to a release: the run is named', async () => {
    await tried('1.0.0');
    const { plan } = await world.plan({ application: 'shop', version: '1.1.0', environment: 'staging' });
    await insertRunOf(world.pool, plan, 'exe_early', 'failed');
    await expect(promoteShop({ version: '1.1.0' })).rejects.toEqual(
      code('PROMOTION_NOT_PASSED', says('run exe_early is failed')),
    );
  });

  it('is a version that was never stable there', async () => {
    await tried('1.1.0');
    await expect(promoteShop({ version: '9.9.9' })).rejects.toEqual(
      code('PROMOTION_VERSION_UNKNOWN', {
        report: expect.objectContaining({ found: 'passed there: 1.1.0' }) as unknown,
      }),
    );
  });

  it('is what the target has already', async () => {
    await tried('1.1.0', 'production');
    await tried('1.1.0');
    await expect(promoteShop()).rejects.toEqual(code('PROMOTION_NOOP'));
    await expect(promoteShop({ subject: null })).rejects.toEqual(code('PROMOTION_NOOP'));
  });

  it('is anything between an environment and itself, or between kinds of targets', async () => {
    await expect(promoteShop({ to: 'staging' })).rejects.toEqual(code('PROMOTION_SAME_ENVIRONMENT'));
    await expect(promoteShop({ to: 'field' })).rejects.toEqual(code('PROMOTION_TARGETS_DIFFER'));
    await expect(promoteShop({ from: 'stagin' })).rejects.toEqual(code('ENVIRONMENT_UNKNOWN'));
  });

  it('is an image that its registry has no more, and nothing is stored', async () => {
    const { plan } = await tried('1.1.0');
    const { image } = plan.application.image;
    world.worker.images.set(image, sluiceError('IMAGE_NOT_FOUND', { image, looked: 'registry.test' }));
    await expect(promoteShop()).rejects.toEqual(code('PROMOTION_DIGEST_GONE', says('registry.test')));
    world.worker.images.set(image, { ...plan.application.image, pin: 'image-id' });
    await expect(promoteShop()).rejects.toEqual(code('PROMOTION_DIGEST_GONE', says('only an engine holds it')));
    expect(await planCount()).toBe(0);
  });
});

describe('an environment that takes only what passed elsewhere', () => {
  beforeEach(() => world.configure('environments: { production: { target: docker, promote_from: staging } }'));
  const planShop = (version: string) => world.plan({ application: 'shop', version, environment: 'production' });

  it('refuses a plan of anything else, with the command that brings it there', async () => {
    await tried('1.0.0', 'qa');
    await expect(planShop('1.1.0')).rejects.toMatchObject({
      code: 'PROMOTION_NEEDED',
      report: {
        where: 'release.yaml: environment',
        hint: expect.stringContaining('sluice promote --from staging --to production --application shop') as unknown,
      },
    });
    await expect(promoteShop({ from: 'qa' })).rejects.toMatchObject({ code: 'PROMOTION_NEEDED' });
  });

  it('takes a plan of what passed there, however it was made', async () => {
    await tried('1.1.0');
    expect((await planShop('1.1.0')).plan.promotedFrom).toBeUndefined();
    expect((await only()).kind).toBe('started');
  });

  it('refuses at the start what was planned before the rule', async () => {
    await world.configure('environments: { production: { target: docker } }');
    const { plan } = await planShop('1.1.0');
    await world.configure('environments: { production: { target: docker, promote_from: staging } }');
    await expect(executePlan(world.deps, { planId: plan.planId, person: ADA })).rejects.toMatchObject({
      code: 'PROMOTION_NEEDED',
    });
    await tried('1.1.0');
    expect(await executePlan(world.deps, { planId: plan.planId, person: ADA })).toMatchObject({ planId: plan.planId });
  });

  it('lets out again what is in use there', async () => {
    await world.configure('environments: { production: { target: docker } }');
    await tried('1.1.0', 'production');
    await world.configure('environments: { production: { target: docker, promote_from: staging } }');
    const { plan } = await planShop('1.1.0');
    expect(await loadPlan(world.deps, plan.planId)).toEqual({ plan, digest: planDigest(plan) });
    await insertPlan(world.pool, { plan, digest: planDigest(plan) });
  });

  it.each([
    ['names no environment', 'production: { target: docker, promote_from: stagin }', 'Did you mean staging?'],
    ['names one of another kind', 'production: { target: docker, promote_from: field }', 'with target docker'],
    ['waits for itself', 'production: { target: docker, promote_from: production }', 'does not wait for this one'],
    [
      'waits in a circle',
      'production: { target: docker, promote_from: staging }, staging: { target: docker, promote_from: production }',
      'does not wait for this one',
    ],
    [
      'names a way that there is not',
      'production: { target: docker, promote_with: { strategie: canary } }',
      'promote_with',
    ],
  ])('is refused when it %s', async (_what, environments, text) => {
    await expect(world.configure(`environments: { ${environments} }`)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(text) as unknown,
    });
  });
});
