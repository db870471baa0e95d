import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createGroup } from '../../../client/engine/groups/create-group.ts';
import { planDigest } from '../../../client/engine/plans/digest.ts';
import { listPlans, loadPlan } from '../../../client/engine/plans/load-plan.ts';
import { openPlanningWorld, type PlanningWorld } from '../../support/plans/planning-world.ts';

let world: PlanningWorld;
beforeAll(async () => {
  world = await openPlanningWorld();
  await world.firmware('1.0.0');
  await world.firmware('1.1.0');
});
afterAll(() => world.close());
beforeEach(async () => {
  await (await world.deps.database()).query('truncate configuration, environments, devices, groups, plans cascade');
  await world.apply(
    'environments: { production: { approval_required: true }, staging: {} }\npeople: { ada: { roles: [approver] } }',
  );
  await world.devices(20);
});

const CANARY = { name: 'Rollout', firmware_version: '1.1.0', target_environment: 'production', strategy: 'canary' };

const countPlans = async (): Promise<number> =>
  (await (await world.deps.database()).query<{ count: number }>('select count(*) from plans')).rows[0]?.count ?? -1;

describe('a plan', () => {
  it('is stored as it was made, under its digest', async () => {
    const { plan, digest, notes } = await world.plan(CANARY);
    expect(plan.selection).toEqual({
      groups: [],
      devices: 20,
      alreadyCurrent: 0,
      waveDevices: [2, 8, 10],
      present: [{ firmware: '1.0.0', devices: 20 }],
    });
    expect(plan.firmware).toMatchObject({ name: 'edge', version: '1.1.0', hardware: ['edge-a'] });
    expect(plan).toMatchObject({
      author: 'lin',
      environment: { name: 'production', autoRollback: true },
      overrides: [],
    });
    expect(notes).toEqual([]);
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(await loadPlan(world.deps, plan.planId)).toEqual({ plan, digest });
    expect(await listPlans(world.deps)).toMatchObject([
      {
        planId: plan.planId,
        kind: 'fleet-rollout',
        subject: 'edge',
        version: '1.1.0',
        strategy: 'canary',
        approvals: 0,
      },
    ]);
  });

  it('says that no approval will be asked when it sets approvals for an environment that asks for none', async () => {
    const staging = { ...CANARY, target_environment: 'staging' };
    const [note] = (await world.plan({ ...staging, approvals: { quorum: 2 } })).notes;
    expect(note).toContain('no approval will be asked: staging has no approval_required');
    expect((await world.plan({ ...staging, approvals: { before_waves: [2] } })).notes).toEqual([]);
    expect((await world.plan(staging)).notes).toEqual([]);
  });

  it('has another digest when any of it differs, whatever the order of its keys', async () => {
    const { plan, digest } = await world.plan(CANARY);
    const shuffled = Object.fromEntries(Object.entries(plan).reverse()) as unknown as typeof plan;
    expect(planDigest(shuffled)).toBe(digest);
    expect(planDigest({ ...plan, description: 'other' })).not.toBe(digest);
    expect((await world.plan(CANARY)).digest).not.toBe(digest);
  });

  it('is refused when its stored text was altered', async () => {
    const { plan } = await world.plan(CANARY);
    const database = await world.deps.database();
    await database.query(`update plans set document = jsonb_set(document, '{author}', '"eve"')`);
    await expect(loadPlan(world.deps, plan.planId)).rejects.toMatchObject({ code: 'PLAN_CHANGED' });
  });

  it('that does not exist is not found, even under a name that is no id', async () => {
    await expect(loadPlan(world.deps, 'plan_1')).rejects.toMatchObject({ code: 'PLAN_NOT_FOUND' });
    await expect(loadPlan(world.deps, "'; drop table plans")).rejects.toMatchObject({ code: 'PLAN_NOT_FOUND' });
  });
});

describe('devices', () => {
  it('are those of the environment’s groups, each once, with what they run', async () => {
    await world.devices(5, { prefix: 'b', hardware: 'edge-b' });
    await world.devices(3, { prefix: 'new', firmware: '1.1.0' });
    await createGroup(world.deps, { name: 'a', filter: 'device.hardware == "edge-a"' });
    await createGroup(world.deps, { name: 'few', filter: 'device.thing in ["dev-0001", "dev-0002"]' });
    await world.apply('environments: { production: { device_groups: [a, few] } }');
    const { plan } = await world.plan(CANARY);
    expect(plan.selection).toMatchObject({
      groups: ['a', 'few'],
      devices: 23,
      alreadyCurrent: 3,
      present: [
        { firmware: '1.0.0', devices: 20 },
        { firmware: '1.1.0', devices: 3 },
      ],
    });
  });

  it('are counted for each kind of wave, those of no wave and empty waves said', async () => {
    const waves = [
      { devices: ['dev-0001', 'dev-0002', 'gone'] },
      { filter: 'device.thing.endsWith("3")' },
      { count: 4 },
      { filter: 'false' },
      50,
    ];
    const { plan, notes } = await world.plan({ ...CANARY, waves });
    // dev-0003 and dev-0013 end with 3; half of 20 are 10, of which 2 + 2 + 4 are taken.
    expect(plan.selection.waveDevices).toEqual([2, 2, 4, 0, 2]);
    expect(notes).toEqual(['10 of 20 devices are in no wave and keep their firmware', 'no device is in wave 4 now']);
  });

  it.each([
    ['a group that does not exist', '[nowhere]', 'GROUP_UNKNOWN'],
    ['a group without devices', '[none]', 'PLAN_NO_TARGETS'],
  ])('of %s are refused', async (_what, groups, code) => {
    await createGroup(world.deps, { name: 'none', filter: 'device.hardware == "edge-z"' });
    await world.apply(`environments: { production: { device_groups: ${groups} } }`);
    await expect(world.plan(CANARY)).rejects.toMatchObject({ code });
    expect(await countPlans()).toBe(0);
  });

  it('that the firmware does not fit are said', async () => {
    await world.devices(2, { prefix: 'b', hardware: 'edge-b' });
    const { plan, notes } = await world.plan(CANARY);
    expect(notes).toEqual(['2 devices are edge-b, the firmware fits edge-a: device_compatibility_check will fail']);
    expect(plan.selection).toMatchObject({ devices: 22, misfits: 2, waveDevices: [2, 8, 10] });
  });

  it('that are too old, or of a version that cannot be compared, are said', async () => {
    await world.firmware('2.0.0', { minimumVersion: '1.0.0' });
    await world.devices(3, { prefix: 'old', firmware: '0.9.0' });
    await world.devices(1, { prefix: 'odd', firmware: 'factory' });
    const { plan, notes } = await world.plan({ ...CANARY, firmware_version: '2.0.0' });
    expect(notes).toEqual([
      '1 devices run factory, which has no order with the needed 1.0.0: device_compatibility_check will fail',
      '3 devices run 0.9.0, the firmware needs at least 1.0.0: device_compatibility_check will fail',
    ]);
    expect(plan.selection.misfits).toBe(4);
    await (await world.deps.database()).query(`delete from artifacts where version = '2.0.0'`);
  });
});

describe('approvals', () => {
  it('of everything at once are asked for by a first wave that takes every device, however it is written', async () => {
    await world.apply(
      'environments: { production: { approval_required: true, approvals: { immediate: { quorum: 2 } } } }',
    );
    const quorum = async (waves: unknown) => {
      const { plan } = await world.plan({ ...CANARY, waves });
      return plan.steps.flatMap((step) => (step.kind === 'approve' ? [step.policy.quorum] : []));
    };
    expect(await quorum([{ filter: 'true' }])).toEqual([2]);
    expect(await quorum([{ count: 1_000 }])).toEqual([2]);
    expect(await quorum([{ count: 19 }, 100])).toEqual([1]);
  });

  it('that too few people besides the author can give are said: the run would wait for ever', async () => {
    await world.apply('people: { lin: { roles: [approver] }, ada: { roles: [approver] }, eve: { roles: [tester] } }');
    expect((await world.plan(CANARY)).notes).toEqual([]);
    expect((await world.plan(CANARY, { author: 'ada' })).notes).toEqual([]);
    const asks = { ...CANARY, approvals: { quorum: 2, before_waves: [3] } };
    expect((await world.plan(asks)).notes).toEqual([
      'approve-1, approve-3: 2 of role approver needed, and people: names 1 with it besides the author lin: the run would wait for ever',
    ]);
    const manual = {
      quality_gates: { pre_deployment: ['lab'] },
      gates: { lab: { manual: { role: 'tester', expires_in: '1h' } } },
    };
    expect((await world.plan({ ...CANARY, ...manual }, { author: 'eve' })).notes).toEqual([
      'gate-lab: 1 of role tester needed, and people: names 0 with it besides the author eve: the run would wait until it expires',
    ]);
  });
});

describe('firmware', () => {
  it('that does not exist is refused with what there is and what to do', async () => {
    await expect(world.plan({ ...CANARY, firmware_version: '9.9.9' })).rejects.toMatchObject({
      code: 'PLAN_FIRMWARE_UNKNOWN',
      report: {
        where: 'plan.yaml: firmware_version',
        found: 'edge: 1.0.0, 1.1.0',
        hint: 'sluice artifact list --name edge   ·   sluice artifact add FILE --name edge --version 9.9.9 --hardware edge-a',
      },
    });
  });

  it('of two names has to be named', async () => {
    await world.firmware('1.1.0', { name: 'gateway' });
    await expect(world.plan(CANARY)).rejects.toMatchObject({
      code: 'PLAN_FIRMWARE_AMBIGUOUS',
      message: expect.stringContaining('edge, gateway') as unknown,
    });
    expect((await world.plan({ ...CANARY, firmware: 'edge' })).plan.firmware.name).toBe('edge');
    await (await world.deps.database()).query(`delete from artifacts where name = 'gateway'`);
  });

  it('latest is the highest version, pinned', async () => {
    await world.firmware('1.10.0');
    await world.firmware('1.9.0');
    const { plan, notes } = await world.plan({ ...CANARY, firmware_version: 'latest' });
    expect(plan.firmware.version).toBe('1.10.0');
    expect(notes).toContain('latest is edge 1.10.0: the plan pins it');
    await (await world.deps.database()).query(`delete from artifacts where version in ('1.10.0', '1.9.0')`);
  });

  it('latest is the highest of versions with two or four numbers, too', async () => {
    for (const version of ['2.10', '2.9', '2.9.0.3']) await world.firmware(version);
    expect((await world.plan({ ...CANARY, firmware_version: 'latest' })).plan.firmware.version).toBe('2.10');
    await (await world.deps.database()).query(`delete from artifacts where version like '2.%'`);
  });

  it('latest is refused where nothing tells which version is the highest', async () => {
    await world.firmware('build17');
    await expect(world.plan({ ...CANARY, firmware_version: 'latest' })).rejects.toMatchObject({
      code: 'PLAN_LATEST_UNCLEAR',
      message: expect.stringContaining('build17') as unknown,
      report: { hint: expect.stringContaining('firmware_version') as unknown },
    });
    await (await world.deps.database()).query(`delete from artifacts where version = 'build17'`);
  });

  it('whose bytes were altered on disk is refused', async () => {
    await world.firmware('1.2.0');
    const { sha256 } = (await world.plan({ ...CANARY, firmware_version: '1.2.0' })).plan.firmware;
    const file = join(world.folder, 'artifacts', sha256);
    writeFileSync(file, readFileSync(file).fill(0, 0, 1));
    await expect(world.plan({ ...CANARY, firmware_version: '1.2.0' })).rejects.toMatchObject({
      code: 'ARTIFACT_CORRUPT',
    });
    rmSync(file);
    await expect(world.plan({ ...CANARY, firmware_version: '1.2.0' })).rejects.toMatchObject({
      code: 'ARTIFACT_CORRUPT',
    });
  });
});

describe('the way back', () => {
  it('must be open for each device, unless somebody says why not', async () => {
    await world.devices(2, { prefix: 'old', firmware: '0.9.0' });
    await expect(world.plan(CANARY)).rejects.toMatchObject({
      code: 'NO_WAY_BACK',
      message: '2 devices could not be taken back: no artifact for their present firmware (edge 0.9.0 on edge-a)',
    });
    expect(await countPlans()).toBe(0);
    const { plan } = await world.plan(CANARY, { acceptNoWayBack: 'bench devices' });
    expect(plan.overrides).toEqual([{ rule: 'NO_WAY_BACK', by: 'lin', reason: 'bench devices' }]);
  });

  it('is not asked for from devices that no wave can take, nor from those that the firmware does not fit', async () => {
    await world.devices(1, { prefix: 'old', firmware: '0.9.0' });
    await world.devices(1, { prefix: 'b', hardware: 'edge-b', firmware: '0.1.0' });
    const { notes } = await world.plan({ ...CANARY, waves: [{ devices: ['dev-0001'] }] });
    expect(notes).toEqual(['21 of 22 devices are in no wave and keep their firmware']);
    const byFilter = [{ devices: ['dev-0001'] }, { filter: 'device.thing.startsWith("old")' }];
    await expect(world.plan({ ...CANARY, waves: byFilter })).rejects.toMatchObject({
      code: 'NO_WAY_BACK',
      message: '1 device could not be taken back: no artifact for their present firmware (edge 0.9.0 on edge-a)',
    });
    // Which devices a percentage takes is not known before the run.
    await expect(world.plan({ ...CANARY, waves: [10] })).rejects.toMatchObject({ code: 'NO_WAY_BACK' });
  });

  it('is not asked for from devices that run the version already, nor overridden without need', async () => {
    await world.firmware('1.3.0');
    await world.devices(1, { prefix: 'new', firmware: '1.3.0' });
    const { plan } = await world.plan({ ...CANARY, firmware_version: '1.3.0' }, { acceptNoWayBack: 'just in case' });
    expect(plan.overrides).toEqual([]);
    expect(plan.selection.alreadyCurrent).toBe(1);
  });
});

describe('a plan file', () => {
  it.each([
    ['of an unknown environment', { target_environment: 'prodction' }, 'ENVIRONMENT_UNKNOWN', /prodction/],
    ['of an unknown source', { source_environment: 'nowhere' }, 'ENVIRONMENT_UNKNOWN', /nowhere/],
    [
      'with a strategy of containers',
      { strategy: 'RECREATE' },
      'PLAN_STRATEGY_NOT_FOR_FLEETS',
      /recreate is for containers, not for device fleets/,
    ],
    ['with an unknown key', { rollout_percent: 50 }, 'CONFIG_INVALID', /Did you mean rollout_percentage\?/],
    [
      'with a version that is a number',
      { firmware_version: 1.1 },
      'CONFIG_INVALID',
      /firmware_version: .* Put it in quotes/,
    ],
    ['with a percentage beyond all', { rollout_percentage: 120 }, 'CONFIG_INVALID', /above 0 and up to 100, got 120/],
    ['with falling waves', { waves: [50, 10] }, 'CONFIG_INVALID', /waves\[1\]: expected a percentage above 50/],
    [
      'with two kinds in one wave',
      { waves: [{ percent: 5, count: 5 }] },
      'CONFIG_INVALID',
      /waves\[0\]: expected exactly one of/,
    ],
    ['with a filter that is none', { waves: [{ filter: 'device.' }] }, 'FILTER_INVALID', /filter/],
    [
      'with too many named devices',
      { waves: [{ devices: Array.from({ length: 1_001 }, (_, at) => `d${at}`) }] },
      'CONFIG_INVALID',
      /at most 1000 devices/,
    ],
  ])('%s', async (_what, over, code, message) => {
    await expect(world.plan({ ...CANARY, ...over })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as unknown,
    });
    expect(await countPlans()).toBe(0);
  });

  it('may have a command of several lines for its gates', async () => {
    const gates = { lab: { command: 'set -e\n\tscan\n' }, more: { command: ['sh', '-c', 'a\nb'] } };
    const { plan } = await world.plan({ ...CANARY, gates, quality_gates: { post_deployment: ['lab', 'more'] } });
    expect(plan.steps.flatMap((step) => (step.kind === 'gate' ? [step.gate] : []))).toContain('more');
  });

  it.each(['because\u001b[2J', 'x'.repeat(2_001)])('is not made for a reason that cannot be shown', async (reason) => {
    await expect(world.plan(CANARY, { acceptNoWayBack: reason })).rejects.toMatchObject({ code: 'USAGE' });
    expect(await countPlans()).toBe(0);
  });

  it('that would not fit into a run’s history is refused before anybody approves it', async () => {
    const gates = { lab: { command: 'x'.repeat(300_000) } };
    const large = { ...CANARY, gates, quality_gates: { post_deployment: ['lab'] } };
    await expect(world.plan(large)).rejects.toMatchObject({
      code: 'PLAN_TOO_LARGE',
      message: expect.stringMatching(/takes 30\d{4} bytes .* at most 262144/) as unknown,
    });
    expect(await countPlans()).toBe(0);
  });

  it('may hold a broker’s password, which goes to a file of its own and not into the plan', async () => {
    const check = { name: 'link', type: 'mqtt', broker: 'mqtt://ada:swordfish@b:1883', topic: 't' };
    const { plan } = await world.plan({ ...CANARY, health_checks: [check] });
    expect(plan.watch.healthChecks).toMatchObject([
      {
        broker: 'mqtt://b:1883',
        credentials: {
          username: 'ada',
          password: { secretRef: expect.stringMatching(/^file:secrets\/plan_/) as unknown },
        },
      },
    ]);
    expect(JSON.stringify(plan)).not.toContain('swordfish');
    const [file] = readdirSync(join(world.folder, 'secrets')).filter((name) => name.startsWith(plan.planId));
    expect(readFileSync(join(world.folder, 'secrets', file ?? ''), 'utf8')).toBe('swordfish');
  });

  it('may hold the secrets of its gates and checks, and none of them is in the plan', async () => {
    const { plan, digest } = await world.plan({
      ...CANARY,
      health_checks: [{ name: 'api', type: 'http', endpoint: 'http://h/', headers: { 'X-Auth': 'swordfish' } }],
      quality_gates: { pre_deployment: ['security_scan', 'performance_test'] },
      gates: {
        security_scan: { command: 'scan', env: { SCAN_TOKEN: 'swordfish', SITE: 'a' } },
        performance_test: { http: { endpoint: 'http://h/x', headers: { Authorization: 'Bearer swordfish' } } },
      },
    });
    const secret = (path: string) => ({ secretRef: `file:secrets/${plan.planId}.${path}` });
    expect(plan.watch.healthChecks).toMatchObject([
      { headers: { 'X-Auth': secret('health_checks.api.headers.X-Auth') } },
    ]);
    const checks = plan.steps.flatMap((step) => (step.kind === 'gate' ? [step.check] : []));
    expect(checks).toContainEqual(
      expect.objectContaining({ env: { SCAN_TOKEN: secret('gates.security_scan.env.SCAN_TOKEN'), SITE: 'a' } }),
    );
    expect(checks).toContainEqual({
      run: 'http',
      check: expect.objectContaining({
        headers: { Authorization: secret('gates.performance_test.http.headers.Authorization') },
      }) as unknown,
    });
    const { rows } = await (await world.deps.database()).query('select document from plans');
    expect(JSON.stringify([plan, rows])).not.toContain('swordfish');
    expect(planDigest(plan)).toBe(digest);
  });

  it('with two health checks of one name is refused, and keeps no secret of them', async () => {
    const check = { name: 'link', type: 'mqtt', topic: 't' };
    const files = () => readdirSync(join(world.folder, 'secrets'));
    const before = files();
    const health_checks = ['ada:one', 'ada:two'].map((user) => ({ ...check, broker: `mqtt://${user}@b:1883` }));
    await expect(world.plan({ ...CANARY, health_checks })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('health_checks[1]: expected each health check once, got "link"') as unknown,
    });
    expect(files()).toEqual(before);
  });
});
