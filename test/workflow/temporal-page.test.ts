// A person who opens only Temporal's UI understands the run: what it shows is read back from a real server.
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { defaultPayloadConverter } from '@temporalio/common';
import { realServer, type RunServer } from '../support/runs/run-servers.ts';
import { pageOf } from '../support/runs/page-of.ts';
import { startRunOn, type RunWorld, type WorldOptions } from '../support/runs/run-world.ts';
import { approve, aPlan, bake, HOUR_MS, offer } from '../support/runs/plan-builder.ts';
import { eventually } from '../support/eventually.ts';

let server: RunServer;
const open: RunWorld[] = [];
beforeAll(async () => {
  server = await realServer();
});
afterAll(() => server.close());
afterEach(async () => {
  for (const run of open.splice(0)) await run.close();
});

async function start(options: WorldOptions): Promise<RunWorld> {
  const run = await startRunOn(server, options);
  open.push(run);
  return run;
}

it('shows in the call stack where a run waits, and nothing of the way there that a replay would pay for', async () => {
  const run = await start({ plan: { steps: [approve(), offer(1)] } });
  await run.journaled('phase-changed', /waits/);
  const stacks = (await run.handle.query<string>('__stack_trace'))
    .split('\n\n')
    .map((stack) => stack.trim().split('\n'));
  expect(stacks.flat().join('\n')).toMatch(/deploy\/steps\/await-decision\.ts/);
  expect(Math.max(...stacks.map((frames) => frames.length))).toBeLessThan(4);
});

it('tells the story of a run by its page, its summaries and its search attributes', async () => {
  const run = await start({ plan: { steps: [approve(), offer(1), bake(1, 200), offer(2)] } });
  await run.journaled('phase-changed', /waits/);
  const waiting = await pageOf(run);
  expect(waiting).toContain('edge 1.1.0 → production');
  expect(waiting).toContain('waiting for the approval of wave 1 (10 %): 1 more approval of role approver');
  expect(waiting).toContain(`sluice approve ${run.runId}`);
  expect(waiting).toContain('| wave | size | state |');
  await run.approve('ada');
  await run.result();
  expect(await pageOf(run)).toContain('**completed**');
  expect(await summariesOf(run)).toEqual(
    expect.arrayContaining([
      'wave 1 of 3: offer to 10 %',
      'bake 0.2 s after wave 1',
      'snapshot the targets',
      'journal',
    ]),
  );
  const query = `SluiceEnvironment = 'production' and SluicePhase = 'completed' and SluiceVerdict = 'healthy' and SluiceKind = 'fleet-rollout' and SluiceApplication = 'edge'`;
  await eventually(async () => expect((await run.client.workflow.count(query)).count).toBe(1));
});

it('shows a wave under way with where its numbers are, and then its numbers', async () => {
  const filter = 'device.tags.site == "a" || device.tags.site == "b"';
  const waves = [{ kind: 'filter', filter }, ...aPlan().waves.slice(1)] as const;
  const run = await start({ plan: { waves, steps: [offer(1), bake(1, HOUR_MS)] }, script: { offers: { 1: 'held' } } });
  await run.fleet.called('offerWave');
  const under = await pageOf(run);
  expect(under).toContain('- **doing**: wave 1 of 3: offer to 10 % (step 1 of 2) since 20');
  expect(under).toContain('- **next**: bake 1 h after wave 1');
  expect(under).toContain('| 1 | device.tags.site == "a" \\|\\| device.tags.site == "b" | offering | … |');
  expect(under).toContain(
    `the heartbeat of the pending activity \`offerWave\`, and in \`sluice run show ${run.runId}\``,
  );
  const { raw } = await run.handle.describe();
  expect(raw.pendingActivities?.map(({ activityType }) => activityType?.name)).toContain('offerWave');
  run.fleet.releaseHeld();
  await run.journaled('step-started', /bake/);
  const baking = await pageOf(run);
  expect(baking).toContain('| passed | 10 | 10 | 0 | 0 | 0 |');
  expect(baking).toContain('watching failure rate up to 10 %');
  expect(baking).not.toContain('offerWave');
});

it('shows a paused run with who paused it, why, and what goes on after the resume', async () => {
  const run = await start({ plan: { steps: [offer(1), bake(1, HOUR_MS), offer(2)] } });
  await run.journaled('step-started', /bake/);
  await run.command('pauseRun', { reason: 'the line is busy' });
  const page = await pageOf(run);
  expect(page).toContain('**paused** since 20');
  expect(page).toContain('- **doing**: paused by ada at bake 1 h after wave 1 (step 2 of 3)');
  expect(page).toContain('- **why**: the line is busy');
  expect(page).toContain('- **next**: after resume: bake 1 h after wave 1');
  expect(page).toContain(`sluice deploy resume --execution-id ${run.runId}`);
  expect(page).toContain(`- **way back**: sluice deploy rollback --execution-id ${run.runId}`);
});

it('shows a run that rolls back as one, without the step that was left and without a command that is refused', async () => {
  const stuck = new Error('the fleet does not answer');
  const run = await start({
    plan: { steps: [offer(1), bake(1, HOUR_MS), offer(2)] },
    script: { rollback: stuck },
  });
  await run.journaled('step-started', /bake/);
  await run.command('rollBackRun', { reason: 'customers complain' });
  await run.fleet.called('rollBackFleet');
  const page = await pageOf(run);
  expect(page).toContain('**rolling-back** since 20');
  expect(page).toContain(
    '- **doing**: taking every device that may be on 1.1.0 back to its own previous firmware since 20',
  );
  expect(page).toContain('- **why**: ada: customers complain');
  expect(page).toContain('- **who can act**: nobody');
  expect(page).toContain('- **way back**: under way');
  expect(page).not.toContain('deploy rollback');
  expect(page).not.toContain('bake');
  run.fleet.change({ rollback: {} });
  await run.result();
  expect(await pageOf(run)).toContain('**rolled-back**');
});

async function summariesOf({ handle }: RunWorld): Promise<string[]> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).flatMap((event) => {
    const summary = event.userMetadata?.summary;
    return summary ? [defaultPayloadConverter.fromPayload<string>(summary)] : [];
  });
}
