import { describe, expect, it } from 'vitest';
import { decide } from '#domain/fleet/job-execution-decide.ts';
import { installedVersion } from '#domain/fleet/job-execution-decision.ts';
import { updateToken } from '#domain/fleet/job-execution-progress.ts';
import { STAGE, STATUS, type Execution } from '#domain/fleet/job-execution.ts';
import type { UpdateRequest } from '#domain/fleet/job-execution-request.ts';
import { execution, MINUTE_MS, NOW_MS, running, stateOf, update } from '../../support/gateway/executions.ts';

const LATER_MS = NOW_MS + MINUTE_MS;
const decideOn = (one: Execution, request: UpdateRequest, nowMs = LATER_MS) => decide(stateOf([one]), request, nowMs);

describe('update', () => {
  it('records progress: version, stage, details, token', () => {
    const request = update({ statusDetails: { step: 'installing', percent: '40' }, expectedVersion: 2 });
    const { changes, answer } = decideOn(running(), request);
    expect(changes[0]?.after).toMatchObject({
      versionNumber: 3,
      status: STATUS.inProgress,
      stage: STAGE.installing,
      statusDetails: { step: 'installing', percent: '40' },
      lastToken: updateToken(request),
    });
    expect(answer).toEqual({ kind: 'accepted', body: { timestamp: LATER_MS / 1000, clientToken: 'update-1' } });
  });

  it('adds state and document to the answer when asked', () => {
    const request = update({ includeJobExecutionState: true, includeJobDocument: true, statusDetails: { a: 'b' } });
    expect(decideOn(running(), request).answer).toMatchObject({
      body: {
        executionState: { status: 'IN_PROGRESS', statusDetails: { a: 'b' }, versionNumber: 3 },
        jobDocument: { operation: 'firmware.install' },
      },
    });
  });

  it('keeps the details when a report brings none, and the stage when it names an earlier one', () => {
    const one = running({ stage: STAGE.installing, statusDetails: { step: 'installing' } });
    expect(decideOn(one, update()).changes[0]?.after.statusDetails).toEqual({ step: 'installing' });
    const back = decideOn(one, update({ statusDetails: { step: 'downloading' } })).changes[0]?.after;
    expect(back?.stage).toBe(STAGE.installing);
  });

  it('ends a succeeded execution and tells the device that nothing is left', () => {
    const { changes, notices } = decideOn(running(), update({ status: 'SUCCEEDED' }));
    expect(changes[0]?.after).toMatchObject({ status: STATUS.succeeded, deadlineAtMs: null });
    expect(notices).toEqual([
      { topic: 'notify', thing: 'pump-1', payload: { timestamp: LATER_MS / 1000, jobs: {} } },
      { topic: 'notify-next', thing: 'pump-1', payload: { timestamp: LATER_MS / 1000, execution: {} } },
    ]);
  });

  it.each([
    ['FAILED', STATUS.failed],
    ['REJECTED', STATUS.rejected],
  ] as const)('keeps what a device said when it reports %s', (status, code) => {
    const { changes } = decideOn(running(), update({ status, statusDetails: { reason: 'checksum-mismatch' } }));
    expect(changes[0]?.after.status).toBe(code);
    expect(changes[0]?.evidence).toEqual({ reason: 'checksum-mismatch', version: '1.1.0' });
  });

  it('accepts a report for a queued job without start-next', () => {
    expect(decideOn(execution(), update()).changes[0]?.after).toMatchObject({
      status: STATUS.inProgress,
      startedAtMs: LATER_MS,
    });
  });

  it('answers VersionMismatch with the present state', () => {
    const { changes, answer } = decideOn(
      running({ statusDetails: { step: 'installing' } }),
      update({ expectedVersion: 1 }),
    );
    expect(changes).toEqual([]);
    expect(answer).toMatchObject({
      kind: 'rejected',
      body: {
        code: 'VersionMismatch',
        clientToken: 'update-1',
        executionState: { status: 'IN_PROGRESS', versionNumber: 2, statusDetails: { step: 'installing' } },
      },
    });
  });

  it.each([
    ['an unknown job', update({ jobId: 'exe_other-w1' })],
    ['another execution number', update({ executionNumber: 2 })],
  ])('answers ResourceNotFound for %s', (_what, request) => {
    expect(decideOn(running(), request).answer).toMatchObject({ kind: 'rejected', body: { code: 'ResourceNotFound' } });
  });

  it('refuses to begin a queued execution of a held job', () => {
    expect(decideOn(execution({}, {}, 'held'), update()).answer).toMatchObject({
      body: { code: 'InvalidStateTransition' },
    });
  });
});

describe('repeated update', () => {
  const request = update({ status: 'SUCCEEDED', statusDetails: { firmware: '1.1.0' } });
  const after = (one: Execution) => ({ ...one, row: decideOn(one, request).changes[0]?.after ?? one.row });

  it('is answered from the row and not applied', () => {
    const { changes, answer } = decideOn(after(running()), request);
    expect(changes).toEqual([]);
    expect(answer.kind).toBe('accepted');
  });

  it('with the same token but another report is applied: some clients use one token for all', () => {
    const one = running({ lastToken: updateToken(update()) });
    expect(decideOn(one, update({ status: 'SUCCEEDED' })).changes[0]?.after.status).toBe(STATUS.succeeded);
  });

  it('is refused when the execution ended otherwise meanwhile', () => {
    const timedOut = running({ status: STATUS.timedOut, lastToken: updateToken(update()) });
    const { changes, answer } = decideOn(timedOut, update());
    expect(changes).toEqual([]);
    expect(answer).toMatchObject({ body: { code: 'InvalidStateTransition', executionState: { status: 'TIMED_OUT' } } });
  });
});

describe('after the end', () => {
  it.each([STATUS.failed, STATUS.timedOut, STATUS.canceled])('notes a refused success (status %i), once', (status) => {
    const one = running({ status, deadlineAtMs: null });
    const { changes, answer } = decideOn(one, update({ status: 'SUCCEEDED' }));
    expect(answer).toMatchObject({ body: { code: 'InvalidStateTransition' } });
    expect(changes[0]?.after).toMatchObject({ status, refusedSuccess: true, versionNumber: 2 });
    const noted = { ...one, row: changes[0]?.after ?? one.row };
    expect(decideOn(noted, update({ status: 'SUCCEEDED', clientToken: 'again' })).changes).toEqual([]);
  });

  it('takes a refused success for the version that runs, once', () => {
    const [noted] = decideOn(running({ status: STATUS.timedOut }), update({ status: 'SUCCEEDED' })).changes;
    expect(noted && installedVersion(noted)).toBe('1.1.0');
    const [cancelled] = decideOn(running({}, {}, 'cancelled'), update({ status: 'SUCCEEDED' })).changes;
    expect(cancelled && installedVersion(cancelled)).toBe('1.1.0');
    const [progress] = decideOn(running({}, {}, 'cancelled'), update()).changes;
    expect(progress && installedVersion(progress)).toBeNull();
  });

  it('does not take it for that when the device had said that it runs another one', () => {
    const disproved = running({ status: STATUS.failed, statusDetails: { reason: 'old-version-reported' } });
    const [noted] = decideOn(disproved, update({ status: 'SUCCEEDED' })).changes;
    expect(noted?.after.refusedSuccess).toBe(true);
    expect(noted && installedVersion(noted)).toBeNull();
  });

  it('notes no success whose own details name another version', () => {
    const request = update({ status: 'SUCCEEDED', statusDetails: { firmware: '1.0.0' } });
    expect(decideOn(running({ status: STATUS.timedOut }), request).changes).toEqual([]);
    const [cancelled] = decideOn(running({}, {}, 'cancelled'), request).changes;
    expect(cancelled?.after).toMatchObject({ status: STATUS.canceled, refusedSuccess: false });
    expect(cancelled && installedVersion(cancelled)).toBeNull();
  });

  it('changes nothing for any other report', () => {
    const { changes, answer } = decideOn(running({ status: STATUS.succeeded }), update({ status: 'FAILED' }));
    expect(changes).toEqual([]);
    expect(answer).toMatchObject({ body: { code: 'InvalidStateTransition', executionState: { status: 'SUCCEEDED' } } });
  });
});

describe('cancelled job', () => {
  it('refuses progress and takes the report as acknowledgement', () => {
    const { changes, answer, notices } = decideOn(running({}, {}, 'cancelled'), update({ expectedVersion: 99 }));
    expect(answer).toMatchObject({
      kind: 'rejected',
      body: { code: 'InvalidStateTransition', executionState: { status: 'CANCELED' } },
    });
    expect(changes[0]?.after).toMatchObject({
      status: STATUS.canceled,
      cancelAcknowledged: true,
      refusedSuccess: false,
    });
    // It was on no list any more since the cancel.
    expect(notices).toEqual([]);
  });

  it('notes how far a device came that had not let go of it, once', () => {
    const one = running({ status: STATUS.canceled, stage: STAGE.downloading }, {}, 'cancelled');
    const request = update({ status: 'FAILED', statusDetails: { step: 'installing' } });
    const { changes, answer } = decideOn(one, request);
    expect(answer).toMatchObject({ body: { code: 'InvalidStateTransition' } });
    expect(changes[0]?.after).toMatchObject({ status: STATUS.canceled, stage: STAGE.installing, versionNumber: 2 });
    expect(decideOn({ ...one, row: changes[0]?.after ?? one.row }, request).changes).toEqual([]);
  });

  it('notes that a refused success may mean the new version', () => {
    const { changes } = decideOn(running({}, {}, 'cancelled'), update({ status: 'SUCCEEDED' }));
    expect(changes[0]?.after).toMatchObject({ status: STATUS.canceled, refusedSuccess: true });
  });
});
