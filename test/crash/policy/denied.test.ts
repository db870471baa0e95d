// The worker dies where a rule is asked, where its denial is written, and while people are waited for.
import { describe, expect, it } from 'vitest';
import { applyConfiguration } from '../../../client/engine/environments/apply-configuration.ts';
import { overrideGate } from '../../../client/engine/runs/command-run.ts';
import { DEADLINE_MS, openScene, problemsOf } from '../../support/crash/scene.ts';
import type { Trial } from '../../support/crash/trial.ts';
import { environmentOf } from '../../support/crash/trial-options.ts';
import { eventually } from '../../support/eventually.ts';

const scene = openScene();
const WAVES = { waves: [50, 100], maximumPerMinute: null };
const FIRST_ONLY = {
  name: 'first-only',
  when: 'step.wave <= 1',
  message: 'the rest is for tomorrow',
  steps: ['offer'],
};

async function rule(run: Trial, policy_rules: readonly object[]): Promise<void> {
  const { environments, ...sections } = JSON.parse(environmentOf(run.options)) as {
    environments: Record<string, object>;
  };
  const { name } = run.options;
  const content = JSON.stringify({ ...sections, environments: { [name]: { ...environments[name], policy_rules } } });
  await applyConfiguration(run.world.deps, { by: 'lin', file: { name: 'rules', content } });
}

const denials = async ({ world, run }: Trial): Promise<number> =>
  (await world.pool.query(`select 1 from run_events where run_id = $1 and type = 'policy-denied'`, [run])).rows.length;

function dieAt(...points: readonly string[]): () => Promise<void> {
  const armed = points.map((point) => scene.world.points.arm(point));
  return async () => {
    for (const point of armed) await point.fired(DEADLINE_MS);
  };
}

describe('a run that a rule denies a step', () => {
  it('offers nothing of it, says so once, and goes on once it may, whenever its worker dies', async () => {
    const run = await scene.open(WAVES);
    await rule(run, [FIRST_ONLY]);
    const allDied = dieAt('before:evaluatePolicy', 'after:evaluatePolicy', 'journal:policy-denied:offer-2');
    await run.execute();
    await allDied();
    await run.untilPhase('paused', DEADLINE_MS);
    expect(await denials(run)).toBe(1);
    await scene.world.kill('worker');
    await rule(run, []);
    await run.command('resumeRun');
    expect(await problemsOf(run, 'completed')).toEqual([]);
    expect(await denials(run)).toBe(1);
  });

  it('takes an override while its worker is gone, and carries it out after', async () => {
    const run = await scene.open(WAVES);
    await rule(run, [FIRST_ONLY]);
    await run.execute();
    await run.untilPhase('paused', DEADLINE_MS);
    await scene.world.kill('worker');
    const wish = { run: run.run, gate: 'first-only', reason: 'the customer asked' };
    const person = { name: 'ada', roles: ['approver'], verified: false };
    await eventually(() => overrideGate(scene.world.deps, { ...wish, person }), DEADLINE_MS);
    await run.command('resumeRun');
    expect(await problemsOf(run, 'completed')).toEqual([]);
  });

  it('goes back while its worker dies, and no rule is asked of it', async () => {
    const run = await scene.open(WAVES);
    await rule(run, [FIRST_ONLY]);
    await run.execute();
    await run.untilPhase('paused', DEADLINE_MS);
    await rule(run, [{ ...FIRST_ONLY, name: 'nothing', when: 'false', steps: undefined }]);
    const died = dieAt('offers-withdrawn');
    await run.command('rollBackRun');
    await died();
    expect(await problemsOf(run, 'rolled-back')).toEqual([]);
    expect(await denials(run)).toBe(1);
  });
});
