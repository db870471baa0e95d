// Planning releases of several applications on a real database.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createJointRelease } from '../../../client/engine/joint-releases/create-joint-release.ts';
import { findRelease } from '../../../client/engine/joint-releases/find-joint-release.ts';
import { releaseCalendar } from '../../../client/engine/joint-releases/release-calendar.ts';
import { describePlan } from '../../../client/engine/plans/describe-plan.ts';
import { planDigest } from '../../../client/engine/plans/digest.ts';
import { loadPlan } from '../../../client/engine/plans/load-plan.ts';
import { renderRelease } from '../../../client/cli/render/joint-release.ts';
import { CONFIGURATION, openReleaseWorld, type ReleaseWorld } from '../../support/containers/release-world.ts';

const APPLICATIONS = `
applications:
  api: { image: registry.test/api, port: 8080, depends_on: [db] }
  web: { image: registry.test/web, port: 8080, depends_on: [api] }
  db: { image: registry.test/db, port: 5432 }
  docs: { image: registry.test/docs, port: 8080 }
  pay: { image: registry.test/pay, port: 8080, critical: true }
`;

let world: ReleaseWorld;
beforeAll(async () => {
  world = await openReleaseWorld();
  await world.applications(APPLICATIONS);
});
afterAll(() => world.close());
beforeEach(() => world.configure(CONFIGURATION));

const file = (over: object = {}): object => ({
  name: 'v1.2.3',
  environment: 'production',
  applications: [
    { name: 'web', version: '2.1.0' },
    { name: 'pay', version: '1.0.0' },
    { name: 'api', version: '1.2.3', config: { strategy: 'blue_green' } },
    { name: 'docs', version: '7' },
  ],
  ...over,
});

const create = (over: object = {}, environment?: string) =>
  createJointRelease(world.deps, {
    file: { content: JSON.stringify(file(over)), name: 'release.json' },
    environment,
    author: 'lin',
  });

describe('planning a release', () => {
  it('orders its applications by what they need, the critical ones last', async () => {
    const { plan } = await create();
    expect(plan.members.map(({ application, wave, needs }) => [application, wave, needs])).toEqual([
      ['api', 1, []],
      ['docs', 1, []],
      ['web', 2, ['api']],
      ['pay', 3, []],
    ]);
    expect(plan.steps.map(({ id }) => id)).toEqual(['wave-1', 'wave-2', 'wave-3']);
  });

  it('stores each application’s plan by itself, pinned, and its digest covers theirs', async () => {
    const { plan, digest } = await create();
    for (const member of plan.members) {
      const own = await loadPlan(world.deps, member.planId);
      expect(own.digest).toBe(member.digest);
      expect(own.plan).toMatchObject({ kind: 'container-release', application: { name: member.application } });
    }
    const [api] = plan.members;
    expect((await loadPlan(world.deps, api?.planId ?? '')).plan.strategy.kind).toBe('first');
    expect(digest).toBe(planDigest(plan));
    const other = { ...plan, members: plan.members.map((one) => ({ ...one, digest: 'e'.repeat(64) })) };
    expect(planDigest(other)).not.toBe(digest);
  });

  it('says which of them would stay, and not that one needs what another one brings', async () => {
    const { notes } = await create();
    expect(notes).toContain('nothing is in use of web yet: if the release is taken back, it stays');
    expect(notes.join('\n')).toContain('api depends on db, not deployed to production');
    expect(notes.join('\n')).not.toContain('web depends on api');
  });

  it('asks for one approval where the section release wants it', async () => {
    await world.configure(`${CONFIGURATION}\nrelease: { planning: { enabled: true, approval_required: true } }`);
    const { plan } = await create();
    expect(plan.steps[0]).toMatchObject({ kind: 'approve', opens: 'release v1.2.3', policy: { quorum: 1 } });
    await world.configure('release: {}');
  });

  it('asks for the approval that its environment asks for each of them', async () => {
    await world.configure(`${CONFIGURATION}
approvals: { quorum: 2 }`);
    await world.configure('environments: { production: { target: docker, approval_required: true } }');
    const { plan } = await create();
    expect(plan.steps[0]).toMatchObject({ kind: 'approve', policy: { quorum: 2 } });
    await world.configure('approvals: {}');
  });

  it('takes schedule, notes and environment as the specification writes them', async () => {
    const startTime = new Date(Date.now() + 86_400_000).toISOString();
    const schedule = { start_time: startTime, duration: '1h' };
    const { plan } = await create({ schedule, notes: 'Pay\n\nfirst', environment: 'production' }, 'staging');
    expect(plan).toMatchObject({
      schedule: { startAt: startTime, durationMs: 3_600_000 },
      notes: 'Pay\n\nfirst',
      environment: { name: 'staging' },
    });
    const days = await releaseCalendar(world.deps, 'staging');
    expect(days[0]?.entries[0]).toMatchObject({ startAt: startTime, durationMs: 3_600_000 });
  });
});

describe('a release that cannot be planned', () => {
  const problemsOf = async (over: object): Promise<string> =>
    create(over).then(
      () => 'planned',
      (error: unknown) => (error as Error).message,
    );

  it('is told every application that there is not', async () => {
    const applications = [
      { name: 'wep', version: '1' },
      { name: 'nobody', version: '1' },
    ];
    const said = await problemsOf({ applications });
    expect(said).toContain(
      'applications[0].name: expected the name of a known application, got "wep". Did you mean web?',
    );
    expect(said).toContain('applications[1].name');
  });

  it('is told that it has no environment, or none for containers', async () => {
    expect(await problemsOf({ environment: undefined })).toContain('environment: expected the name of an environment');
    await expect(create({}, 'field')).rejects.toMatchObject({ code: 'PLAN_TARGET_MISMATCH' });
    await expect(create({}, 'nowhere')).rejects.toMatchObject({ code: 'ENVIRONMENT_UNKNOWN' });
  });

  it('is told unknown keys and times that are over, and stores nothing', async () => {
    const before = await world.pool.query('select plan_id from plans');
    expect(await problemsOf({ aplications: [] })).toContain('aplications');
    const schedule = { start_time: '2024-03-20T22:00:00Z', duration: '1h' };
    expect(await problemsOf({ schedule })).toContain('schedule.start_time: expected a time to come');
    expect((await world.pool.query('select plan_id from plans')).rowCount).toBe(before.rowCount);
  });
});

describe('a release by its name', () => {
  it('is the newest of that name, in the environment that is named where there are several', async () => {
    await create({ name: 'named' });
    const second = await create({ name: 'named' });
    expect((await findRelease(world.deps, { release: 'named' })).planId).toBe(second.plan.planId);
    const staged = await create({ name: 'named' }, 'staging');
    await expect(findRelease(world.deps, { release: 'named' })).rejects.toMatchObject({
      code: 'JOINT_RELEASE_UNCLEAR',
    });
    const there = await findRelease(world.deps, { release: 'named', environment: 'staging' });
    expect(there.planId).toBe(staged.plan.planId);
    expect((await findRelease(world.deps, { release: staged.plan.planId })).name).toBe('named');
    await expect(findRelease(world.deps, { release: 'none' })).rejects.toMatchObject({ code: 'JOINT_RELEASE_UNKNOWN' });
  });

  it('is shown with its order, what each changes, its notes and what comes next', async () => {
    const { plan } = await create({ name: 'shown', notes: 'Pay first' });
    const release = await findRelease(world.deps, { release: 'shown' });
    const described = await describePlan(world.deps, plan.planId);
    const text = renderRelease(release, described, { now: new Date().toISOString(), timeZone: 'UTC' });
    for (const line of ['PLANNED · not scheduled', 'api 1.2.3  →  web 2.1.0  →  pay 1.0.0 *', 'Pay first'])
      expect(text).toContain(line);
    expect(text).toContain('next  sluice release execute shown');
  });
});
