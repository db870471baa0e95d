import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { aPlan, bake, HOUR_MS, offer } from '../../support/runs/plan-builder.ts';
import { openCliWorld, type CliWorld } from './cli-world.ts';

const NAME = `ruled-${randomUUID()}`;
const environment = { ...aPlan().environment, name: NAME };
const FREEZE = {
  name: 'no-second-wave',
  when: 'step.wave <= 1',
  message: 'the second wave is not for today',
  steps: ['offer'],
};
let world: CliWorld;

async function apply(policy_rules: readonly object[]): Promise<Readonly<Record<string, unknown>>> {
  const file = join(world.deps.settings.dataDirectory, 'rules.json');
  const people = { ada: { roles: ['approver'] }, lin: { roles: ['approver'] }, zoe: { roles: [] } };
  writeFileSync(file, JSON.stringify({ environments: { [NAME]: { device_groups: [], policy_rules } }, people }));
  return world.json('env', 'apply', '-f', file);
}

async function start(bakeMs = 0): Promise<string> {
  const steps = [offer(1), bake(1, bakeMs), offer(2)];
  const plan = await world.plan({ environment, steps }, { isConfigured: true });
  return String((await world.json('deploy', 'execute', '--plan-id', plan))['execution_id']);
}

const untilStatus = (run: string, status: string) =>
  eventually(async () => expect(await world.json('deploy', 'status', '--execution-id', run)).toMatchObject({ status }));
const eventsOf = async (run: string) =>
  (await world.json('run', 'events', run))['events'] as readonly { type: string; data: Record<string, unknown> }[];

beforeAll(async () => void (world = await openCliWorld()));
afterAll(() => world.close());

describe('a rule of an environment', () => {
  it('that asks of what there is not is refused with its place and what there is', async () => {
    const { error } = (await apply([{ ...FREEZE, when: 'step.wawe <= 1' }])) as {
      error: { code: string; message: string };
    };
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message).toContain('policy_rules[0].when (no-second-wave), line 1, column 6');
    expect(error.message).toContain('No such key: wawe. Known: run.{');
  });

  it('keeps a step from its beginning, and people see why and what they can do', async () => {
    await apply([FREEZE]);
    const shown = await world.sluice('env', 'show', NAME);
    expect(shown.stdout).toContain('no-second-wave: step.wave <= 1');
    const run = await start();
    await untilStatus(run, 'paused');
    const picture = (await world.sluice('run', 'show', run)).stdout.replaceAll(/\s+/g, ' ');
    expect(picture).toContain('policy no-second-wave denies it: the second wave is not for today');
    expect(picture).toContain(`sluice run override ${run} --gate policy-no-second-wave --reason "…"`);
    const denied = (await eventsOf(run)).find(({ type }) => type === 'policy-denied');
    expect(denied?.data).toMatchObject({
      step: 'offer-2',
      denials: [{ rule: 'no-second-wave', when: 'step.wave <= 1', values: { 'step.wave': 2 } }],
    });
    await world.json('deploy', 'resume', '--execution-id', run);
    await eventually(async () => {
      expect((await eventsOf(run)).filter(({ type }) => type === 'policy-denied')).toHaveLength(2);
    });
    await untilStatus(run, 'paused');
    const refused = await world.json(
      'run',
      'override',
      run,
      '--gate',
      'no-second-wave',
      '--reason',
      'r',
      '--as',
      'zoe',
    );
    expect(refused.error?.code).toBe('APPROVAL_ROLE_MISSING');
    const passed = await world.sluice(
      'run',
      'override',
      run,
      '--gate',
      'no-second-wave',
      '--reason',
      'the customer asked',
    );
    expect(passed).toMatchObject({ exitCode: 0 });
    await world.json('deploy', 'resume', '--execution-id', run);
    expect(await world.json('run', 'watch', run)).toMatchObject({ status: 'completed' });
    const begun = (await eventsOf(run)).filter(({ type }) => type === 'step-started').at(-1);
    expect(begun?.data).toMatchObject({ step: 'offer-2', overridden: ['no-second-wave'] });
  });

  it('holds for a run that was under way when it was applied', async () => {
    await apply([]);
    const run = await start(HOUR_MS);
    await eventually(async () => expect(JSON.stringify(await eventsOf(run))).toContain('"bake-1"'));
    await apply([{ ...FREEZE, name: 'new', when: 'false', steps: ['bake'] }]);
    await eventually(async () => expect((await eventsOf(run)).map(({ type }) => type)).toContain('policy-applies'));
    // The bake is taken again after a pause: by then the rule is asked.
    await world.json('deploy', 'pause', '--execution-id', run);
    await world.json('deploy', 'resume', '--execution-id', run);
    await eventually(async () => expect((await eventsOf(run)).map(({ type }) => type)).toContain('policy-denied'));
    await world.json('deploy', 'rollback', '--execution-id', run, '--reason', 'enough');
    await untilStatus(run, 'rolled-back');
  });

  it('keeps a run waiting through the end of its worker', async () => {
    await world.json('env', 'unpin', NAME, '--reason', 'rolled back by hand before');
    await apply([FREEZE]);
    const run = await start();
    await untilStatus(run, 'paused');
    await world.stopWorker();
    await apply([]);
    await world.startWorker();
    await world.json('deploy', 'resume', '--execution-id', run);
    expect(await world.json('run', 'watch', run)).toMatchObject({ status: 'completed' });
  });
});
