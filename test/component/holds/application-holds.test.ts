// Freezes and pins of an environment with applications, as people set them: on a real PostgreSQL.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HOLDS_SIGNAL } from '#domain/coordination/coordinator-input.ts';
import { rollBackApplication } from '../../../client/engine/releases/roll-back-application.ts';
import { executePlan } from '../../../client/engine/runs/execute-plan.ts';
import { environmentHistory } from '../../../client/engine/holds/environment-history.ts';
import { freezeEnvironment, unfreezeEnvironment } from '../../../client/engine/holds/freeze-environment.ts';
import { pinVersion, unpinVersion } from '../../../client/engine/holds/pin-version.ts';
import { showApplication } from '../../../client/engine/applications/show-application.ts';
import { depsWith } from '../../support/containers/fake-operations.ts';
import {
  ADA,
  CONFIGURATION,
  openReleaseWorld,
  SHOP,
  type ReleaseWorld,
} from '../../support/containers/release-world.ts';

let world: ReleaseWorld;
beforeAll(async () => {
  world = await openReleaseWorld();
  await world.configure(CONFIGURATION);
  await world.applications(SHOP);
});
afterAll(() => world.close());
beforeEach(() => {
  world.started.length = 0;
  world.sent.length = 0;
  world.signals.length = 0;
});
afterEach(() => world.pool.query('truncate freezes, pins, environment_holds, releases, runs cascade'));

const environment = 'production';
const at = { environment, application: 'shop', person: ADA };
const frozen = (reason = 'month end', more: object = {}) =>
  freezeEnvironment(world.deps, { environment, reason, person: ADA, ...more });
const planned = (version: string, config: object = {}) =>
  world.plan({ application: 'shop', version, environment, config });

async function inUse(version: string, release = 1): Promise<void> {
  const { plan } = await planned(version);
  await world.release(plan, release);
  await world.pool.query(
    `insert into runs (run_id, workflow_id, plan_id, environment, subject, kind, phase, closed, started_by, completed_at)
     values ($1, $1, $2, 'production', 'shop', 'container-release', 'completed', true, 'lin', now())`,
    [`exe_production${release}`, plan.planId],
  );
}

async function execute(version: string, more: object = {}, config: object = {}) {
  const { plan } = await planned(version, config);
  return executePlan(world.deps, { planId: plan.planId, person: ADA, ...more });
}

describe('a freeze', () => {
  it('is told to the coordinator with its revision, and so is its end', async () => {
    await frozen();
    await unfreezeEnvironment(world.deps, { environment, reason: 'done', person: ADA });
    expect(world.signals).toMatchObject([
      { workflowId: 'environment/production', name: HOLDS_SIGNAL, payload: { revision: 1, freeze: { by: 'ada' } } },
      { workflowId: 'environment/production', name: HOLDS_SIGNAL, payload: { revision: 2, freeze: null } },
    ]);
  });

  it('stands although Temporal is away, and says that nobody was told', async () => {
    const away = depsWith(world.deps, { temporal: () => Promise.reject(new Error('away')) });
    const { isTold, freeze } = await freezeEnvironment(away, { environment, reason: 'x', person: ADA });
    expect({ isTold, by: freeze.by }).toEqual({ isTold: false, by: 'ada' });
  });

  it('is given to one of two who freeze at the same time', async () => {
    const both = await Promise.allSettled([frozen('one'), frozen('other')]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await expect(frozen()).rejects.toMatchObject({ code: 'ENVIRONMENT_FROZEN' });
  });

  it('whose time is over is none any more', async () => {
    await frozen('short', { for: '1h' });
    await world.pool.query(`update freezes set until = now() - interval '1 minute'`);
    await expect(unfreezeEnvironment(world.deps, { environment, reason: 'x', person: ADA })).rejects.toMatchObject({
      code: 'ENVIRONMENT_NOT_FROZEN',
    });
    await expect(frozen('again')).resolves.toMatchObject({ freeze: { reason: 'again' } });
  });

  it('is known to every start after it, and passed only by one that overrides it with a reason', async () => {
    await frozen();
    expect(await execute('1.0.0')).toMatchObject({ freeze: { reason: 'month end' } });
    const wish = { overridesFreeze: true };
    await expect(execute('1.0.0', wish)).rejects.toMatchObject({ code: 'REASON_REQUIRED' });
    expect(await execute('1.0.0', { ...wish, reason: 'hotfix' })).toMatchObject({ freeze: null });
    const places = world.started.map(({ input }) => input.place);
    expect(places).toMatchObject([{ holdsRevision: 1, version: '1.0.0' }, { holdsRevision: 1 }]);
    expect(places.map((place) => place?.passesFreeze)).toEqual([undefined, expect.any(Number)]);
  });

  it('that is not there cannot be overridden, which is said', async () => {
    const { notes } = await execute('1.0.0', { overridesFreeze: true, reason: 'just in case' });
    expect(notes).toContain('production is not frozen: there was nothing to override');
  });
});

describe('a pin', () => {
  it('keeps another version from being started, before anything is cancelled for it', async () => {
    await inUse('1.0.0');
    await pinVersion(world.deps, { ...at, reason: 'audit' });
    const { run } = await execute('1.0.0');
    await expect(execute('1.1.0', {}, { on_running: 'supersede' })).rejects.toMatchObject({
      code: 'VERSION_PINNED',
      message: expect.stringMatching(
        /^shop in production is pinned to 1\.0\.0 by ada since .* \(audit\): 1\.1\.0/,
      ) as unknown,
      report: { hint: 'sluice env unpin production --application shop --reason "…"' },
    });
    expect(world.sent).toEqual([]);
    expect(world.started.map(({ input }) => input.run)).toEqual([run]);
  });

  it('lets a way back begin', async () => {
    await inUse('1.0.0', 1);
    await inUse('1.1.0', 2);
    await pinVersion(world.deps, { ...at, reason: '' });
    const back = await rollBackApplication(world.deps, { ...at, to: undefined, reason: 'slow' });
    expect(back).toMatchObject({ kind: 'started', target: { version: '1.0.0' } });
  });

  it('is refused where nothing runs, where it is unclear of what, and a second time', async () => {
    const wish = { ...at, reason: 'audit' };
    await expect(pinVersion(world.deps, wish)).rejects.toMatchObject({ code: 'APPLICATION_NOT_DEPLOYED' });
    await inUse('1.0.0');
    await expect(pinVersion(world.deps, { ...wish, application: undefined })).rejects.toMatchObject({
      code: 'PIN_UNCLEAR',
    });
    await pinVersion(world.deps, wish);
    await expect(pinVersion(world.deps, wish)).rejects.toMatchObject({ code: 'PIN_PRESENT' });
    await unpinVersion(world.deps, wish);
    await expect(unpinVersion(world.deps, wish)).rejects.toMatchObject({ code: 'PIN_UNKNOWN' });
  });

  it('is shown with its application', async () => {
    await inUse('1.0.0');
    await pinVersion(world.deps, { ...at, reason: 'audit' });
    await frozen();
    const { deployed } = await showApplication(world.deps, 'shop', environment);
    expect(deployed?.holds).toMatchObject({ pin: { versions: ['1.0.0'] }, freeze: { reason: 'month end' } });
  });
});

describe('the history of an environment', () => {
  it('marks what is in use, what can be gone back to, and what is pinned', async () => {
    for (let release = 1; release <= 8; release += 1) await inUse(`1.${release}.0`, release);
    await pinVersion(world.deps, { ...at, reason: 'audit' });
    const { entries, isComplete } = await environmentHistory(world.deps, {
      environment,
      application: 'shop',
      limit: 20,
    });
    const marks = entries.map((one) =>
      one.kind === 'run' ? `${one.subject.version} ${one.marks.join(' ')}` : one.kind,
    );
    expect(marks).toEqual([
      'pinned',
      '1.8.0 current pinned',
      ...['1.7.0', '1.6.0', '1.5.0', '1.4.0', '1.3.0'].map((version) => `${version} stable`),
      '1.2.0 ',
      '1.1.0 ',
    ]);
    expect(isComplete).toBe(true);
    expect(entries[1]).toMatchObject({ digest: expect.stringContaining('sha256:') as unknown, release: 8, by: 'lin' });
  });

  it('tells freezes and their ends in the same list, the latest first', async () => {
    await frozen('over soon', { for: '1h' });
    await world.pool.query(
      `update freezes set frozen_at = now() - interval '2 hours', until = now() - interval '1 hour'`,
    );
    await frozen('by hand');
    await unfreezeEnvironment(world.deps, { environment, reason: 'done', person: ADA });
    const { entries } = await environmentHistory(world.deps, { environment, application: undefined, limit: 20 });
    expect(entries.map(({ kind, by }) => [kind, by])).toEqual([
      ['unfrozen', 'ada'],
      ['frozen', 'ada'],
      ['freeze-over', null],
      ['frozen', 'ada'],
    ]);
  });
});
