import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGroup } from '../../../client/engine/groups/create-group.ts';
import { main } from '../../../client/cli/main.ts';
import { listEnvironments } from '../../../client/engine/environments/load-environment.ts';
import { openPlanningWorld, type PlanningWorld } from '../../support/plans/planning-world.ts';

const EXAMPLES = join(import.meta.dirname, '../../../examples');

let world: PlanningWorld;
beforeAll(async () => {
  world = await openPlanningWorld();
  await world.firmware('1.0.0');
  await world.firmware('1.1.0');
  await world.devices(98, { tags: { site: 'north' } });
  await world.devices(2, { prefix: 'lab', tags: { site: 'lab' } });
  await world.devices(4, { prefix: 'bench', tags: { site: 'bench' } });
  await createGroup(world.deps, { name: 'bench', filter: 'device.tags.site == "bench"' });
  await createGroup(world.deps, { name: 'field', filter: 'device.tags.site != "bench"' });
});
afterAll(() => world.close());

interface Said {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function sluice(line: readonly string[], person = 'lin'): Promise<Said> {
  const said = { stdout: '', stderr: '' };
  const exitCode = await main([...line], {
    stdout: { write: (text) => void (said.stdout += text) },
    stderr: { write: (text) => void (said.stderr += text) },
    env: { SLUICE_DATA_DIR: world.folder, SLUICE_DATABASE_URL: world.databaseUrl, SLUICE_USER: person },
  });
  return { exitCode, ...said };
}

async function json(line: readonly string[], person?: string): Promise<Record<string, unknown>> {
  const { stdout, exitCode } = await sluice([...line, '--output', 'json'], person);
  expect(stdout, stdout).not.toContain('"error"');
  expect(exitCode).toBe(0);
  return JSON.parse(stdout) as Record<string, unknown>;
}

const example = (name: string): string => join(EXAMPLES, name);

describe('the examples', () => {
  it('configuration is applied, and plans are made of every plan file with it', async () => {
    const applied = await sluice(['env', 'apply', '-f', example('deployment-config.yaml')]);
    expect(applied).toMatchObject({ exitCode: 0, stderr: '' });
    expect(applied.stdout).toContain('✓ configuration applied');
    expect(applied.stdout).toContain('not used yet  global, notifications, logging');
    const plans = readdirSync(EXAMPLES).filter((name) => name.includes('plan'));
    expect(plans.length).toBeGreaterThanOrEqual(4);
    for (const name of plans) {
      const made = await json(['plan', 'create', '--config', example(name)]);
      expect(made, name).toMatchObject({
        plan_id: expect.stringMatching(/^plan_/) as unknown,
        digest: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
      });
      expect(made['notes'], name).toEqual([]);
    }
    expect((await json(['plan', 'list']))['plans']).toHaveLength(plans.length);
    expect(applied.stdout).not.toContain('note');
  });

  it('environments share no device', async () => {
    const environments = await listEnvironments(world.deps);
    const groups = environments.map(({ deviceGroups }) => deviceGroups);
    expect(groups.every((names) => names.length > 0)).toBe(true);
    expect(new Set(groups.flat()).size).toBe(groups.flat().length);
    const devices = await Promise.all(
      environments.map(async ({ name }) => {
        const file = { name, firmware_version: '1.1.0', target_environment: name, strategy: 'canary' };
        return (await world.plan(file)).plan.selection.devices;
      }),
    );
    expect(devices).toEqual([100, 4]);
  });
});

describe('env', () => {
  it('lists and shows what was applied', async () => {
    await sluice(['env', 'apply', '-f', example('deployment-config.yaml')]);
    const { stdout } = await sluice(['env', 'list']);
    expect(stdout).toMatch(
      /^NAME +STAGE +GOES TO +NEEDS +WINDOW\nproduction +production +field +approval +always open\nstaging/,
    );
    expect((await sluice(['env', 'show', 'production'])).stdout).toMatch(/approval +1 of role approver/);
    expect(await json(['env', 'show', 'production'])).toMatchObject({
      name: 'production',
      title: 'Production',
      key: 'production',
      approval_required: true,
      rollback_timeout: 3600,
    });
    expect((await json(['env', 'list']))['environments']).toHaveLength(2);
  });

  it('refuses with one block and exit code 2 for a wrong file, 4 for an unknown name', async () => {
    const wrong = await sluice(['env', 'apply', '-f', example('canary-plan.yaml')]);
    expect(wrong.exitCode).toBe(2);
    expect(wrong.stderr).toContain('CONFIG_INVALID');
    expect(wrong.stdout).toBe('');
    expect((await sluice(['env', 'apply', '-f', 'no-such-file.yaml'])).stderr).toContain('there is no such file');
    expect((await sluice(['env', 'show', 'prod'])).exitCode).toBe(4);
  });
});

describe('plan', () => {
  it('shows what changes, in which steps, at what price, and the way back', async () => {
    const { plan_id: planId, digest } = await json(['plan', 'create', '--config', example('canary-plan.yaml')]);
    const { stdout } = await sluice(['plan', 'show', '--plan-id', String(planId)]);
    for (const fact of [
      'edge 1.1.0 → production, canary 10/50/100 % in 3 waves, 100 devices',
      `digest ${String(digest)}`,
      'tried in staging',
      /- +100 devices +edge 1\.0\.0\n +\+ +100 devices +edge 1\.1\.0 for edge-a/,
      'wave 1 of 3: offer to 10 % · 10 devices, at most 200/min, 90 % in 1 h',
      /gate functionality_test/,
      /downloaded: 100 devices, /,
      /rolls back by itself when\n +more than 5 % of at least 10 devices fail\n +health check api_health fails/,
      'each device returns to its own version: 1.0.0 (100)',
      '1 approval missing, may be given by ada, grace',
      `sluice plan approve --plan-id ${String(planId)} \\\n    --digest ${String(digest).slice(0, 12)}`,
    ]) {
      expect(stdout).toMatch(fact);
    }
    expect(await json(['plan', 'show', '--plan-id', String(planId)])).toMatchObject({
      plan_id: planId,
      digest,
      approval: { approved: false, missing: 1 },
    });
  });

  it('shows which devices its waves choose', async () => {
    const filter = `device.thing in [${Array.from({ length: 12 }, (_, at) => `"lab-${1000 + at}"`).join(', ')}]`;
    const devices = Array.from({ length: 7 }, (_, at) => `dev-000${at + 1}`);
    const { plan } = await world.plan({
      ...{ name: 'By hand', firmware_version: '1.1.0', target_environment: 'production', strategy: 'canary' },
      waves: [{ devices: devices.slice(0, 2) }, { devices }, { filter }, 100],
    });
    const { stdout } = await sluice(['plan', 'show', '--plan-id', plan.planId]);
    expect(stdout).toMatch(/wave 1 of 4: offer to 2 named devices · .* · dev-0001, dev-0002\n/);
    expect(stdout).toContain('dev-0001, dev-0002, dev-0003, dev-0004, dev-0005 and 2 more\n');
    expect(stdout).toContain(`· ${filter}\n`);
  });

  it('is approved by somebody else than its author, once, and then ready to run', async () => {
    const { plan_id: planId, digest } = await json(['plan', 'create', '--config', example('canary-plan.yaml')]);
    const line = ['plan', 'approve', '--plan-id', String(planId), '--digest', String(digest), '--comment', 'go'];
    expect((await sluice(line, 'lin')).exitCode).toBe(3);
    expect(await json(line, 'ada')).toMatchObject({
      plan_id: planId,
      approved: true,
      missing: 0,
      decision: { by: 'ada', comment: 'go' },
    });
    const again = await sluice(line, 'ada');
    expect(again).toMatchObject({ exitCode: 5, stdout: '' });
    expect(again.stderr).toContain('APPROVAL_ALREADY_GIVEN');
    expect((await sluice(['plan', 'show', '--plan-id', String(planId)])).stdout).toMatch(
      /✓ ada at .*: go\n +sluice deploy execute --plan-id/,
    );
  });

  it('without a way back asks for a reason and keeps it', async () => {
    await world.devices(1, { prefix: 'old', firmware: '0.1.0', tags: { site: 'north' } });
    const line = ['plan', 'create', '--config', example('canary-plan.yaml')];
    expect((await sluice(line)).stderr).toMatch(/NO_WAY_BACK .*1 devices? could not be taken back/);
    expect((await sluice([...line, '--allow-no-way-back'])).stderr).toContain('REASON_REQUIRED');
    const { plan_id: planId } = await json([...line, '--allow-no-way-back', '--reason', 'bench']);
    expect((await sluice(['plan', 'show', '--plan-id', String(planId)])).stdout).toContain(
      '! NO_WAY_BACK accepted by lin: bench',
    );
  });
});
