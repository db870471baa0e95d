import { describe, expect, it } from 'vitest';
import { A_PLACE } from '../support/runs/a-place.ts';
import { approve, CANARY, DAY_MS, gate, offer } from '../support/runs/plan-builder.ts';
import { eventually } from '../support/eventually.ts';
import { offeredWaves, refused, runsOfThisFile } from '../support/runs/with-run.ts';

const startRun = runsOfThisFile();
const steps = [approve(), ...CANARY];

/** A decision on the plan, given long before the run. */
const early = {
  commandId: 'c-0',
  by: 'ada',
  via: 'cli',
  roles: ['approver'],
  verified: false,
  decision: 'approve' as const,
  digest: 'd'.repeat(64),
  comment: 'looks fine',
  at: '2026-01-01T00:00:00.000Z',
};

describe('an approval', () => {
  it('waits 365 days and then goes on', async () => {
    const run = await startRun({ plan: { steps } });
    await run.journaled('phase-changed', /waits/);
    await run.sleep(365 * DAY_MS);
    expect((await run.view()).state).toMatchObject({ phase: 'awaiting-approval', gate: 'approve-1' });
    expect(offeredWaves(run)).toEqual([]);
    await run.approve('ada');
    expect((await run.result()).phase).toBe('completed');
  });

  it('that comes first is told of with the start: stored in one batch, found under one phase', async () => {
    const run = await startRun({ plan: { steps }, input: { place: A_PLACE } });
    await run.journaled('phase-changed', /waits/);
    const { events } = await run.handle.fetchHistory();
    const upserts = (events ?? []).flatMap((event) => event.upsertWorkflowSearchAttributesEventAttributes ?? []);
    expect(run.fleet.calls.filter(({ name }) => name === 'appendJournal')).toHaveLength(1);
    expect(upserts).toHaveLength(1);
  });

  it('needs as many different people as its quorum', async () => {
    const quorum = approve({ policy: { quorum: 2, role: 'approver', expiresInMs: null } });
    const run = await startRun({ plan: { steps: [quorum, ...CANARY] } });
    await run.journaled('phase-changed', /waits/);
    await run.approve('ada');
    await expect(run.approve('ada')).rejects.toMatchObject(refused('APPROVAL_ALREADY_GIVEN'));
    expect((await run.view()).state.phase).toBe('awaiting-approval');
    await run.approve('grace');
    expect((await run.result()).phase).toBe('completed');
  });

  it.each([
    ['the author', { by: 'lin' }, 'APPROVAL_BY_AUTHOR'],
    ['somebody without the role', { by: 'bob', roles: ['viewer'] }, 'APPROVAL_ROLE_MISSING'],
    ['who saw another plan', { by: 'ada', digest: 'e'.repeat(64) }, 'APPROVAL_DIGEST_MISMATCH'],
    ['who means another gate', { by: 'ada', gate: 'approve-9' }, 'GATE_NOT_WAITING'],
  ])('refuses %s', async (_who, over, code) => {
    const run = await startRun({ plan: { steps } });
    await run.journaled('phase-changed', /waits/);
    await expect(run.approve(over.by, over)).rejects.toMatchObject(refused(code));
    expect((await run.view()).waiting?.decisions).toEqual([]);
  });

  it('takes the same command once, however often it is sent', async () => {
    const quorum = approve({ policy: { quorum: 2, role: 'approver', expiresInMs: null } });
    const run = await startRun({ plan: { steps: [quorum, ...CANARY] } });
    await run.journaled('phase-changed', /waits/);
    await run.approve('ada', { commandId: 'c-1' });
    const again = await run.approve('ada', { commandId: 'c-1' });
    expect(again.waiting?.decisions).toHaveLength(1);
  });

  it('ends as cancelled when it is rejected before any effect', async () => {
    const run = await startRun({ plan: { steps } });
    await run.journaled('phase-changed', /waits/);
    await run.approve('ada', { decision: 'reject', reason: 'not on a Friday' });
    expect(await run.result()).toMatchObject({
      phase: 'cancelled',
      reason: expect.stringContaining('not on a Friday') as string,
    });
  });

  it('takes the fleet back when a later wave is rejected', async () => {
    const second = approve({ id: 'approve-2', opens: 'wave 2' });
    const run = await startRun({ plan: { steps: [offer(1), second, offer(2)] } });
    await run.journaled('phase-changed', /approval of wave 2: waits/);
    await run.approve('ada', { decision: 'reject' });
    expect((await run.result()).phase).toBe('rolled-back');
    expect(offeredWaves(run)).toEqual([1]);
  });

  it('expires', async () => {
    const short = approve({ policy: { quorum: 1, role: 'approver', expiresInMs: DAY_MS } });
    const run = await startRun({ plan: { steps: [short, ...CANARY] } });
    expect(await run.result()).toMatchObject({
      phase: 'cancelled',
      reason: expect.stringContaining('expired') as string,
    });
  });

  it('counts decisions given on the plan before the start for the first approval only', async () => {
    const second = approve({ id: 'approve-2', opens: 'wave 2' });
    const run = await startRun({
      plan: { steps: [approve(), offer(1), second, offer(2)] },
      input: { decisions: [early] },
    });
    await run.journaled('phase-changed', /approval of wave 2: waits/);
    expect(offeredWaves(run)).toEqual([1]);
    await run.approve('ada');
    expect((await run.result()).phase).toBe('completed');
    const decided = run.fleet.journal(run.runId).filter(({ type }) => type === 'gate-decided');
    expect(decided.map(({ data }) => data)).toEqual([
      {
        gate: 'approve-1',
        decision: 'approve',
        by: 'ada',
        via: 'cli',
        verified: false,
        commandId: 'c-0',
        comment: 'looks fine',
      },
      expect.objectContaining({ gate: 'approve-2', verified: false, comment: 'because' }),
    ]);
  });

  it('does not count a decision on the plan that expired before the approval was asked for', async () => {
    const policy = { quorum: 1, role: 'approver', expiresInMs: DAY_MS };
    const run = await startRun({ plan: { steps: [approve({ policy }), offer(1)] }, input: { decisions: [early] } });
    await run.journaled('phase-changed', /approval of wave 1 .*: waits/);
    expect((await run.view()).waiting?.decisions).toEqual([]);
    await run.approve('ada');
    expect((await run.result()).phase).toBe('completed');
  });

  it('that expires between waves is asked about where the environment wants to be asked', async () => {
    const short = approve({
      id: 'approve-2',
      opens: 'wave 2',
      policy: { quorum: 1, role: 'approver', expiresInMs: DAY_MS },
    });
    const environment = {
      name: 'production',
      stage: 'production',
      autoRollback: false,
      rollbackTimeoutMs: 30 * DAY_MS,
    };
    const run = await startRun({ plan: { environment, steps: [offer(1), short, offer(2)] } });
    await run.journaled('phase-changed', /approval of wave 2: waits/);
    await run.sleep(2 * DAY_MS);
    await run.journaled('phase-changed', /paused: approval of wave 2: expired/);
    await run.command('resumeRun');
    await eventually(async () => expect((await run.view()).waiting?.gate).toBe('approve-2'));
    await run.approve('ada');
    expect((await run.result()).phase).toBe('completed');
  });

  it('is what a manual gate waits for', async () => {
    const policy = { quorum: 1, role: 'tester', expiresInMs: null };
    const manual = gate({ gate: 'user_acceptance_test', check: { run: 'manual', policy } });
    const run = await startRun({ plan: { steps: [manual, ...CANARY] } });
    await run.journaled('phase-changed', /waits/);
    await run.approve('tess', { roles: ['tester'] });
    expect((await run.result()).phase).toBe('completed');
  });
});

describe('a manual gate', () => {
  const policy = { quorum: 1, role: 'tester', expiresInMs: null };
  const manual = gate({ gate: 'user_acceptance_test', check: { run: 'manual', policy } });

  it('is decided by its own name as well as by its id', async () => {
    const run = await startRun({ plan: { steps: [manual, ...CANARY] } });
    await run.journaled('phase-changed', /waits/);
    await run.approve('tess', { roles: ['tester'], gate: 'user_acceptance_test' });
    expect((await run.result()).phase).toBe('completed');
  });

  it('does not take the plan’s approval for its own', async () => {
    const early = { commandId: 'c-0', by: 'ada', via: 'cli', roles: ['approver', 'tester'], verified: false };
    const decision = {
      ...early,
      decision: 'approve' as const,
      digest: null,
      comment: '',
      at: '2026-01-01T00:00:00.000Z',
    };
    const run = await startRun({ plan: { steps: [manual, approve(), ...CANARY] }, input: { decisions: [decision] } });
    await run.journaled('phase-changed', /waits/);
    expect((await run.view()).waiting).toMatchObject({ gate: manual.id, decisions: [] });
    await run.approve('tess', { roles: ['tester'] });
    expect((await run.result()).phase).toBe('completed');
  });

  it('is not overridden, neither while it waits nor before: people decide it', async () => {
    const run = await startRun({ plan: { steps: [approve(), manual, ...CANARY] } });
    await run.journaled('phase-changed', /approval of wave 1 .*: waits/);
    for (const gate of ['user_acceptance_test', 'approve-1']) {
      const answer = run.command('overrideGate', { gate, reason: 'tess is ill' });
      await expect(answer).rejects.toMatchObject(refused('GATE_ASKS_PEOPLE'));
    }
    await run.approve('ada');
    await run.journaled('phase-changed', /approval of user_acceptance_test: waits/);
    const answer = run.command('overrideGate', { gate: 'user_acceptance_test', reason: 'tess is ill' });
    await expect(answer).rejects.toMatchObject(refused('GATE_ASKS_PEOPLE'));
    expect(offeredWaves(run)).toEqual([]);
  });

  it('that is not required stops nothing when it is rejected', async () => {
    const run = await startRun({ plan: { steps: [{ ...manual, required: false }, ...CANARY] } });
    await run.journaled('phase-changed', /waits/);
    await run.approve('tess', { roles: ['tester'], decision: 'reject' });
    expect((await run.result()).phase).toBe('completed');
  });
});
