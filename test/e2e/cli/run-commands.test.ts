import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { createEngineDeps } from '../../../client/engine/deps.ts';
import { executePlan } from '../../../client/engine/runs/execute-plan.ts';
import { readSettings } from '../../../client/engine/settings.ts';
import { aPlan, approve, bake, HOUR_MS, offer } from '../../support/runs/plan-builder.ts';
import { openCliWorld, type CliWorld } from './cli-world.ts';

let world: CliWorld;
beforeAll(async () => {
  world = await openCliWorld();
});
afterAll(() => world.close());

const BAKING = { steps: [offer(1), bake(1, HOUR_MS), offer(2)] };
const LIN = { name: 'lin', roles: [], verified: false };
const SHORT = { steps: [offer(1), offer(2)] };
const ASKING = { steps: [approve(), offer(1)] };

async function start(plan: object): Promise<string> {
  const document = await world.json('deploy', 'execute', '--plan-id', await world.plan(plan));
  return document['execution_id'] as string;
}

const hourOfDay = (inHours: number): string =>
  `${String((new Date().getUTCHours() + inHours) % 24).padStart(2, '0')}:00`;

/** A plan for an environment whose window opens at the full hour in `inHours`. */
async function shutPlan(inHours: number): Promise<string> {
  const window = { start_time: hourOfDay(inHours), end_time: hourOfDay(inHours + 1), timezone: 'UTC' };
  const file = join(world.deps.settings.dataDirectory, 'window.json');
  const environments = { nightly: { device_groups: [], deployment_window: window } };
  const people = { ada: { roles: ['approver'] }, lin: { roles: ['approver'] }, zoe: { roles: [] } };
  writeFileSync(file, JSON.stringify({ environments, people }));
  expect((await world.sluice('env', 'apply', '-f', file)).exitCode).toBe(0);
  const environment = { ...aPlan().environment, name: 'nightly' };
  return world.plan({ ...SHORT, environment }, { isConfigured: true });
}

/** Resolves when `deploy status` says `status`. */
const until = (run: string, status: string) =>
  eventually(async () => {
    const document = await world.json('deploy', 'status', '--execution-id', run);
    expect(document['status']).toBe(status);
    return document;
  });

const untilBaking = (run: string) =>
  eventually(async () => {
    const { rows } = await world.pool.query(
      `select 1 from run_events where run_id = $1 and type = 'step-started' and data->>'step' = 'bake-1'`,
      [run],
    );
    expect(rows).toHaveLength(1);
  });

describe('deploy execute', () => {
  it('starts a run that goes on by itself, and tells its name', async () => {
    const document = await world.json('deploy', 'execute', '--plan-id', await world.plan(SHORT));
    expect(document).toMatchObject({
      status: 'queued',
      execution_id: expect.stringMatching(/^exe_[0-9A-Z]{26}$/) as string,
    });
    expect(await until(document['execution_id'] as string, 'completed')).toMatchObject({
      progress: 100,
      completed_at: expect.any(String) as string,
    });
  });

  it('waits behind another run of the same devices, and says behind which', async () => {
    const planId = await world.plan(BAKING);
    const holder = (await world.json('deploy', 'execute', '--plan-id', planId))['execution_id'];
    const second = await world.json('deploy', 'execute', '--plan-id', planId);
    expect(second).toMatchObject({ status: 'queued', notes: [expect.stringContaining(String(holder)) as string] });
  });

  it('waits outside the deployment window, says until when, and goes on when somebody starts it now', async () => {
    const planId = await shutPlan(2);
    const told = await world.sluice('deploy', 'execute', '--plan-id', planId);
    expect(told.exitCode).toBe(0);
    const run = /started (exe_\w+)/.exec(told.stdout)?.[1] ?? '';
    expect(told.stderr).toMatch(
      /note: waits for the window: opens .*\d\d:\d\d \S+ \(in 1 h.*outside of deployment_window: .* start-now exe_/,
    );
    const waiting = await until(run, 'waiting-for-window');
    expect(waiting).toMatchObject({ window: { held_by: 'window', opens_at: expect.stringContaining('Z') as string } });
    const shown = (await world.sluice('run', 'show', run)).stdout;
    expect(shown).toMatch(/doing {5}waiting for the window: opens .* \(in 1 h/);
    expect(shown).toContain(`sluice deploy start-now ${run}`);
    const startNow = ['deploy', 'start-now', run, '--reason', 'hotfix'];
    expect((await world.json(...startNow, '--as', 'zoe')).error?.code).toBe('APPROVAL_ROLE_MISSING');
    expect((await world.json('deploy', 'start-now', run, '--reason', ' ')).error?.code).toBe('REASON_REQUIRED');
    expect((await world.sluice(...startNow)).stdout).toContain(`${run} goes on now`);
    await until(run, 'completed');
    const events = (await world.sluice('run', 'events', run)).stdout;
    expect(events).toContain('start now by ada (unverified): hotfix');
  });

  it('waits for the time that --at names, and refuses one that is none', async () => {
    const planId = await world.plan(SHORT);
    const at = new Date(Date.now() + 30 * HOUR_MS).toISOString();
    const document = await world.json('deploy', 'execute', '--plan-id', planId, '--at', at);
    expect(document).toMatchObject({ window: { held_by: 'schedule', opens_at: at } });
    const run = document['execution_id'] as string;
    await until(run, 'waiting-for-window');
    await world.sluice('deploy', 'start-now', run, '--reason', 'now', '--as', 'zoe');
    await until(run, 'completed');
    for (const bad of ['tomorrow', '2020-01-01T00:00:00Z', '2030-01-01T00:00']) {
      const refused = await world.json('deploy', 'execute', '--plan-id', await world.plan(SHORT), '--at', bad);
      expect(refused.error?.code).toBe('START_TIME_INVALID');
    }
  });

  it('says that the Temporal server has no such namespace', async () => {
    const settings = readSettings({ ...world.env, TEMPORAL_NAMESPACE: 'elsewhere' });
    // A server that restarts makes its namespace a moment after it answers: people wait longer for it.
    const impatient = createEngineDeps({ ...settings, waitForPartMs: 200 });
    const refused = executePlan(impatient, { planId: await world.plan(SHORT), person: LIN });
    await expect(refused).rejects.toMatchObject({ code: 'TEMPORAL_NAMESPACE_MISSING', exitCode: 4 });
    await impatient.close();
  });

  it('says that there is no such plan', async () => {
    expect((await world.json('deploy', 'execute', '--plan-id', 'plan_none')).error?.code).toBe('PLAN_NOT_FOUND');
  });

  it('follows the run with --watch, one line a change in a pipe; exit code 0 when it completed', async () => {
    const watched = await world.sluice('deploy', 'execute', '--watch', '--plan-id', await world.plan(SHORT));
    expect(watched.exitCode).toBe(0);
    const lines = watched.stdout.trim().split('\n');
    expect(new Set(lines).size).toBe(lines.length);
    expect(lines.at(-1)).toContain('COMPLETED 100 %');
  });

  it('prints one document with --watch --output json; exit code 7 when it did not complete', async () => {
    const planId = await world.plan({ steps: [offer(1)] });
    world.fleet.change({ offers: { 1: 'breach' } });
    const watched = await world.sluice('deploy', 'execute', '--watch', '--plan-id', planId, '--output', 'json');
    world.fleet.change({ offers: {} });
    expect(watched.exitCode).toBe(7);
    expect(JSON.parse(watched.stdout)).toMatchObject({ status: 'rolled-back', plan_id: planId });
  });
});

describe('pause, resume, cancel and roll back', () => {
  it('pause holds a run and resume lets it go on; a second one is refused with its code', async () => {
    const run = await start(BAKING);
    // A pause that lands in the offer is taken, and shows only when the offer has come to rest.
    await untilBaking(run);
    expect(await world.json('deploy', 'pause', '--execution-id', run)).toMatchObject({ status: 'paused' });
    expect((await world.json('deploy', 'pause', '--execution-id', run)).error?.code).toBe('RUN_ALREADY_PAUSED');
    await until(run, 'paused');
    const resumed = await world.sluice('deploy', 'resume', '--execution-id', run);
    expect(resumed).toMatchObject({ exitCode: 0, stderr: '' });
    expect((await world.json('deploy', 'resume', '--execution-id', run)).error?.code).toBe('RUN_NOT_PAUSED');
  });

  it('rollback takes the run back, with person and reason in its journal', async () => {
    const run = await start(BAKING);
    await until(run, 'running');
    const answer = await world.sluice(
      'deploy',
      'rollback',
      '--execution-id',
      `fleet-rollout/${run}`,
      '--reason',
      'smoke',
    );
    expect(answer.exitCode).toBe(0);
    await until(run, 'rolled-back');
    expect((await world.sluice('run', 'events', run)).stdout).toContain('roll back by ada (unverified): smoke');
  });

  it('cancel stops; afterwards every command is answered with the phase it ended in', async () => {
    const run = await start(BAKING);
    await until(run, 'running');
    await world.sluice('deploy', 'cancel', '--execution-id', run);
    await until(run, 'cancelled');
    const late = await world.sluice('deploy', 'pause', '--execution-id', run);
    expect(late.exitCode).toBe(5);
    expect(late.stderr).toContain(`RUN_ALREADY_CLOSED  run ${run} is already cancelled`);
  });

  it('an unknown run is no closed one', async () => {
    const unknown = await world.sluice('deploy', 'pause', '--execution-id', 'exe_unknown');
    expect(unknown.exitCode).toBe(4);
    expect(unknown.stderr).toContain('RUN_NOT_FOUND  no such run: exe_unknown');
    expect((await world.json('approve', 'no-run-at-all')).error?.code).toBe('RUN_NOT_FOUND');
  });
});

describe('approve and reject', () => {
  it('approve by another person of the role lets the run begin', async () => {
    const run = await start(ASKING);
    const waiting = await until(run, 'awaiting-approval');
    expect(waiting).toMatchObject({ waiting: { gate: 'approve-1', role: 'approver', missing: 1 } });
    const shown = await world.sluice('run', 'show', run);
    expect(shown.stdout).toContain('1 may give it: ada');
    expect(shown.stdout).toContain(`sluice approve ${run} --comment`);
    expect((await world.sluice('approve', run, '--comment', 'fine')).stdout).toContain('approved by ada');
    await until(run, 'completed');
  });

  it('approve says how many approvals are still missing', async () => {
    const policy = { quorum: 2, role: 'approver', expiresInMs: null };
    const run = await start({ steps: [approve({ policy }), offer(1)], author: 'zoe' });
    await until(run, 'awaiting-approval');
    expect((await world.sluice('approve', run)).stdout).toContain('approved by ada, still 1 approval missing');
    expect(await world.json('approve', run, '--as', 'lin')).toMatchObject({ missing: 0 });
    await until(run, 'completed');
  });

  it('a decision that comes after another one opened the gate is told whose that was, and when', async () => {
    const run = await start({ steps: [approve(), offer(1), bake(1, HOUR_MS)], author: 'zoe' });
    await until(run, 'awaiting-approval');
    await world.sluice('approve', run);
    await until(run, 'running');
    const late = await world.sluice('approve', run, '--as', 'lin');
    expect(late.exitCode).toBe(5);
    expect(late.stderr).toMatch(/GATE_ALREADY_DECIDED {2}already approved by ada at \d\d:\d\d \S+ \(/);
  });

  it('one that only a pause holds shut is shown as approved, and asks nobody', async () => {
    const run = await start({ steps: [approve(), offer(1)] });
    await until(run, 'awaiting-approval');
    await world.sluice('deploy', 'pause', '--execution-id', run);
    await world.sluice('approve', run);
    await eventually(async () => {
      const again = await world.sluice('approve', run, '--as', 'grace');
      expect(again.stderr).toContain('GATE_ALREADY_DECIDED  already approved by ada at ');
    });
    const shown = await world.sluice('run', 'show', run);
    expect(shown.stdout).toContain('waiting   approved by ada, opens after resume');
    expect(shown.stdout).not.toContain(`sluice approve ${run}`);
    await world.sluice('deploy', 'resume', '--execution-id', run);
    await until(run, 'completed');
  });

  it.each([
    [['--as', 'lin'], 'APPROVAL_BY_AUTHOR', 3],
    [['--as', 'zoe'], 'APPROVAL_ROLE_MISSING', 3],
    [['--digest', '0'.repeat(64)], 'APPROVAL_DIGEST_MISMATCH', 5],
    [['--gate', 'another'], 'GATE_NOT_WAITING', 5],
    [['--digest', 'abc'], 'USAGE', 2],
    [['--comment', 'fine\u001b[1A'], 'USAGE', 2],
    [['--as', ''], 'USAGE', 2],
  ])('approve %j is refused with %s', async (options, code, exitCode) => {
    const run = await start(ASKING);
    await until(run, 'awaiting-approval');
    const refused = await world.sluice('approve', run, ...options);
    expect(refused).toMatchObject({ exitCode, stdout: '' });
    expect(refused.stderr).toContain(`✗ ${code}`);
  });

  it('the short form of the digest means the whole', async () => {
    const run = await start(ASKING);
    const { digest } = await until(run, 'awaiting-approval');
    const approved = await world.sluice('approve', run, '--digest', String(digest).slice(0, 12));
    expect(approved.exitCode).toBe(0);
  });

  it('reject ends the run without an effect', async () => {
    const run = await start(ASKING);
    await until(run, 'awaiting-approval');
    expect((await world.sluice('reject', run, '--comment', 'not today')).stdout).toContain('rejected by ada');
    expect((await until(run, 'cancelled'))['reason']).toContain('not today');
  });
});

describe('run diff', () => {
  it('tells two runs apart by plan, duration and end, and knows the same one again', async () => {
    const good = await start(SHORT);
    await until(good, 'completed');
    world.fleet.change({ offers: { 1: 'breach' } });
    const bad = await start({ ...SHORT, name: 'Night rollout' });
    await until(bad, 'rolled-back');
    world.fleet.change({ offers: {} });
    const { stdout, exitCode } = await world.sluice('run', 'diff', good, `fleet-rollout/${bad}`);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(new RegExp(`^- ${good} {2}completed after .*\n(?:- .*\n)+\\+ ${bad} {2}rolled-back after `));
    for (const line of [
      '  name\n-   Production rollout\n+   Night rollout\n',
      '  phase\n-   completed\n+   rolled-back\n',
    ])
      expect(stdout).toContain(line);
    expect(stdout).toMatch(/\n {2}offer-2 +\d.* s +not reached\n/);
    expect(await world.json('run', 'diff', good, good)).toMatchObject({ same_run: true, results: { differences: [] } });
    expect((await world.json('run', 'diff', good, 'exe_unknown')).error?.code).toBe('RUN_NOT_FOUND');
  });
});

describe('deploy list', () => {
  it('finds a run by its end, its starter and its time, and says which filters leave nothing', async () => {
    const run = await start(SHORT);
    const { environment } = await until(run, 'completed');
    const list = ['deploy', 'list', '--environment', String(environment), '--application', 'edge', '--since', '1h'];
    const found = await world.json(...list, '--phase', 'closed', '--kind', 'fleet-rollout', '--started-by', 'ada');
    expect(found).toMatchObject({ deployments: [{ execution_id: run }] });
    const none = await world.sluice(...list, '--phase', 'open,failed');
    expect(none.stdout).toContain(`no run matches --environment ${String(environment)} --application edge`);
    expect((await world.json(...list, '--phase', 'over')).error).toMatchObject({ code: 'USAGE', where: '--phase' });
  });
});
