// Against a real server: the time-skipping one loses its thread when a cancel meets the end of what it cancels.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApplicationFailure } from '@temporalio/common';
import type { Verdict } from '#domain/ports/watch.port.ts';
import { offer } from '../support/runs/plan-builder.ts';
import { realServer, type RunServer } from '../support/runs/run-servers.ts';
import { startRunOn, type RunWorld } from '../support/runs/run-world.ts';

let server: RunServer;
beforeAll(async () => {
  server = await realServer();
});
afterAll(() => server.close());

const healthy: Verdict = { kind: 'healthy' };
const secret = ApplicationFailure.nonRetryable('the secret env:TOKEN cannot be read', 'SECRET_UNRESOLVED');

/** A run in the middle of the look before its second wave, which ends when it is told to. */
async function looking(): Promise<{ run: RunWorld; end: (found: Verdict | Error) => void }> {
  const under = Promise.withResolvers<Verdict | Error>();
  const script = { glance: () => under.promise };
  const run = await startRunOn(server, { plan: { steps: [offer(1), offer(2)] }, script });
  await run.fleet.called('lookOnce');
  return { run, end: under.resolve };
}

describe('a run that is stopped in the middle of a look', () => {
  it.each([
    ['sees', healthy],
    ['fails', secret],
  ])('comes to its end, although the look %s afterwards', async (_how, found) => {
    const { run, end } = await looking();
    try {
      await run.command('rollBackRun');
      await run.fleet.called('rollBackFleet');
      end(found);
      expect((await run.result()).phase).toBe('rolled-back');
      const { events } = await run.handle.fetchHistory();
      expect(events?.filter((event) => event.workflowTaskFailedEventAttributes)).toEqual([]);
    } finally {
      await run.close();
    }
  });
});

describe('a run that is paused in the middle of a look', () => {
  it('is held at once, and looks again after the resume', async () => {
    const { run, end } = await looking();
    try {
      await run.command('pauseRun');
      await run.journaled('phase-changed', /paused: because/);
      run.fleet.change({ glance: () => healthy });
      end(secret);
      await run.command('resumeRun');
      expect((await run.result()).phase).toBe('completed');
    } finally {
      await run.close();
    }
  });

  it('is held while it cannot see, too', async () => {
    const run = await startRunOn(server, { plan: { steps: [offer(1), offer(2)] }, script: { glance: () => secret } });
    try {
      await run.fleet.called('lookOnce');
      await run.command('pauseRun');
      await run.journaled('phase-changed', /paused: because/);
      run.fleet.change({ glance: () => healthy });
      await run.command('resumeRun');
      expect((await run.result()).phase).toBe('completed');
    } finally {
      await run.close();
    }
  });
});
