import { describe, expect, it } from 'vitest';
import { decide } from '#domain/fleet/job-execution-decide.ts';
import { STAGE, STATUS, type Execution, type ExecutionRow } from '#domain/fleet/job-execution.ts';
import type { StoreRequest, UpdateRequest } from '#domain/fleet/job-execution-request.ts';
import type { ThingState } from '#domain/fleet/job-execution-decision.ts';
import { MINUTE_MS, NOW_MS, running, shadow, startNext, stateOf, update } from '../../support/gateway/executions.ts';

const LATER_MS = NOW_MS + MINUTE_MS;
const after = (
  one: Execution,
  request: StoreRequest,
  { nowMs = LATER_MS, reported = null }: { nowMs?: number; reported?: ThingState['reported'] } = {},
): ExecutionRow => decide(stateOf([one], reported), request, nowMs).changes[0]?.after ?? one.row;

const reportedJob = { confirm: 'reported' } as const;
const success = update({ status: 'SUCCEEDED' });

describe('deadlines', () => {
  it('a step timer ends sooner than the job’s limit, -1 takes it away, none leaves it', () => {
    const timed = after(running(), update({ stepTimeoutMinutes: 3 }));
    expect(timed.deadlineAtMs).toBe(LATER_MS + 3 * MINUTE_MS);
    expect(after(running(timed), update({ clientToken: 'b' })).deadlineAtMs).toBe(LATER_MS + 3 * MINUTE_MS);
    const cleared = after(running(timed), update({ clientToken: 'c', stepTimeoutMinutes: -1 }));
    expect(cleared.deadlineAtMs).toBe(NOW_MS + 60 * MINUTE_MS);
  });

  it('never lets a step timer pass the job’s limit', () => {
    expect(after(running(), update({ stepTimeoutMinutes: 600 })).deadlineAtMs).toBe(NOW_MS + 60 * MINUTE_MS);
  });

  it('from the reboot on the device has confirm_within, and nothing extends it', () => {
    const rebooting = after(running(), update({ statusDetails: { step: 'rebooting' } }));
    expect(rebooting.deadlineAtMs).toBe(LATER_MS + 5 * MINUTE_MS);
    const again = update({ clientToken: 'b', statusDetails: { step: 'rebooting' }, stepTimeoutMinutes: 30 });
    expect(after(running(rebooting), again, { nowMs: LATER_MS + MINUTE_MS }).deadlineAtMs).toBe(rebooting.deadlineAtMs);
  });

  const expire = { kind: 'expire', thing: 'pump-1', jobId: 'exe_test-w1' } as const;
  it.each([
    [STAGE.installing, 'in-progress-timeout'],
    [STAGE.rebooting, 'not-confirmed'],
    [STAGE.booted, 'not-confirmed'],
    [STAGE.claimed, 'version-not-reported'],
  ])('past its deadline in stage %i it times out: %s', (stage, reason) => {
    const { changes } = decide(stateOf([running({ stage, deadlineAtMs: LATER_MS })]), expire, LATER_MS);
    expect(changes[0]?.after).toMatchObject({ status: STATUS.timedOut, statusDetails: { reason }, deadlineAtMs: null });
    expect(changes[0]?.evidence).toEqual({ reason, version: '1.1.0', deadlineAt: new Date(LATER_MS).toISOString() });
  });

  it.each([
    [STAGE.rebooting, '1.1.0', NOW_MS + 1_000],
    [STAGE.rebooting, '1.0.0', NOW_MS - 1],
    [STAGE.booted, '1.0.0', NOW_MS + 1_000],
    [STAGE.claimed, '1.0.0', NOW_MS + 1_000],
  ])('a time-out in stage %i keeps that %s was reported last', (stage, firmware, atMs) => {
    const late = running({ stage, deadlineAtMs: LATER_MS });
    const { changes } = decide(stateOf([late], { firmware, atMs }), expire, LATER_MS);
    expect(changes[0]?.after.status).toBe(STATUS.timedOut);
    expect(changes[0]?.evidence).toMatchObject({ reported: firmware, reportedAt: new Date(atMs).toISOString() });
  });

  it('the old version said after the last report and nothing else until the deadline is a failure', () => {
    const late = running({ stage: STAGE.rebooting, deadlineAtMs: LATER_MS });
    const { changes } = decide(stateOf([late], { firmware: '1.0.0', atMs: NOW_MS + 1_000 }), expire, LATER_MS);
    expect(changes[0]?.after).toMatchObject({ status: STATUS.failed, deadlineAtMs: null });
    expect(changes[0]?.evidence).toEqual({
      reason: 'old-version-reported',
      firmware: '1.0.0',
      version: '1.1.0',
      reportedAt: new Date(NOW_MS + 1_000).toISOString(),
    });
  });

  it('before its deadline, or after its end, nothing happens', () => {
    expect(decide(stateOf([running({ deadlineAtMs: LATER_MS + 1 })]), expire, LATER_MS).changes).toEqual([]);
    expect(decide(stateOf([running({ status: STATUS.failed, deadlineAtMs: 1 })]), expire, LATER_MS).changes).toEqual(
      [],
    );
  });
});

describe('confirm: reported', () => {
  const rebooting = running({ stage: STAGE.rebooting, updatedAtMs: NOW_MS + 1_000 }, reportedJob);

  it('accepts a success that the shadow has proved since the start', () => {
    const reported = { firmware: '1.1.0', atMs: NOW_MS + 500 };
    expect(after(rebooting, success, { reported }).status).toBe(STATUS.succeeded);
  });

  it.each([
    ['nothing was reported', null],
    ['the report is older than the start', { firmware: '1.1.0', atMs: NOW_MS - 1 }],
    ['the old version was reported before the install', { firmware: '1.0.0', atMs: NOW_MS + 500 }],
    ['the old version was reported since, which it ran until it booted', { firmware: '1.0.0', atMs: NOW_MS + 2_000 }],
  ])('keeps a success in progress while %s', (_why, reported) => {
    const { changes, answer } = decide(stateOf([rebooting], reported), success, LATER_MS);
    expect(answer.kind).toBe('accepted');
    expect(changes[0]?.after).toMatchObject({ status: STATUS.inProgress, stage: STAGE.claimed, versionNumber: 3 });
    expect(changes[0]?.after.deadlineAtMs).toBeLessThanOrEqual(LATER_MS + 5 * MINUTE_MS);
  });

  const claimed = running({ stage: STAGE.claimed }, reportedJob);
  it('a later report of the right version turns a claim into success', () => {
    expect(after(claimed, shadow('1.1.0')).status).toBe(STATUS.succeeded);
  });

  it('a later report of another version turns it into a failure, with evidence', () => {
    const { changes } = decide(stateOf([claimed]), shadow('1.0.0'), LATER_MS);
    expect(changes[0]?.after).toMatchObject({
      status: STATUS.failed,
      statusDetails: { reason: 'old-version-reported', firmware: '1.0.0' },
    });
    expect(changes[0]?.evidence).toMatchObject({
      reason: 'old-version-reported',
      version: '1.1.0',
      reportedAt: new Date(LATER_MS).toISOString(),
    });
  });

  it('takes a device that reports no steps and its old version on connecting for what it is', () => {
    const connected = { firmware: '1.0.0', atMs: NOW_MS + 500 };
    const one = running({}, reportedJob);
    const waiting = after(one, success, { reported: connected });
    expect(waiting).toMatchObject({ status: STATUS.inProgress, stage: STAGE.claimed });
    expect(after({ ...one, row: waiting }, shadow('1.1.0')).status).toBe(STATUS.succeeded);
  });

  it('a proof that comes after the cancel acknowledges it and says which version runs', () => {
    const one = running({ stage: STAGE.claimed }, reportedJob, 'cancelled');
    expect(after(one, shadow('1.1.0'))).toMatchObject({
      status: STATUS.canceled,
      cancelAcknowledged: true,
      refusedSuccess: true,
    });
  });
});

describe('confirm: succeeded', () => {
  it('needs no shadow', () => {
    expect(after(running(), success).status).toBe(STATUS.succeeded);
  });

  it('fails a success whose own details name another version', () => {
    const request: UpdateRequest = { ...success, statusDetails: { firmware: '1.0.0' } };
    expect(after(running(), request)).toMatchObject({
      status: STATUS.failed,
      statusDetails: { reason: 'old-version-reported', firmware: '1.0.0' },
    });
  });

  it('does not wait for shadow reports', () => {
    expect(after(running({ stage: STAGE.booted }), shadow('1.1.0')).status).toBe(STATUS.inProgress);
  });
});

describe.each(['succeeded', 'reported'] as const)('confirm: %s, the old version reported', (confirm) => {
  const rebooting = running({ stage: STAGE.rebooting }, { confirm });
  const booted = after(rebooting, startNext({ clientToken: 'boot' }));

  it('before the device was seen again after its reboot says nothing', () => {
    for (const stage of [STAGE.unknown, STAGE.downloading, STAGE.installing, STAGE.rebooting]) {
      expect(after(running({ stage }, { confirm }), shadow('1.0.0')).status).toBe(STATUS.inProgress);
    }
  });

  it('after that is a failure with evidence', () => {
    expect(booted).toMatchObject({ status: STATUS.inProgress, stage: STAGE.booted, versionNumber: 2 });
    const { changes } = decide(stateOf([{ ...rebooting, row: booted }]), shadow('1.0.0'), LATER_MS);
    expect(changes[0]?.after).toMatchObject({
      status: STATUS.failed,
      statusDetails: { reason: 'old-version-reported', firmware: '1.0.0' },
    });
    expect(changes[0]?.evidence).toMatchObject({ reason: 'old-version-reported', version: '1.1.0' });
  });

  it('after a start-next that was no boot says nothing', () => {
    const back = after(rebooting, startNext({ clientToken: 'back', countsAsBoot: false }));
    expect(after({ ...rebooting, row: back }, shadow('1.0.0')).status).toBe(STATUS.inProgress);
  });
});
