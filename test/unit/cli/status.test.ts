import { describe, expect, it } from 'vitest';
import { renderRuns, renderStatus, statusLine } from '../../../client/cli/render/run.ts';
import { statusDocument } from '../../../client/engine/runs/status-document.ts';
import { DIGEST, RUN, rowOf, statusOf, viewOf, waveOf } from '../runs/sample-run.ts';

const clock = { now: '2025-11-21T14:14:12.000Z', timeZone: 'UTC' };
const look = { colour: false, width: 80, clock };
const since = '2025-11-21T14:13:00.000Z';

const running = statusOf(rowOf(viewOf({ phase: 'running', since }, 3)), [
  waveOf(1, 20, { offered: 20, succeeded: 20, skipped: 3 }),
  waveOf(2, 80, { offered: 80, succeeded: 30, failed: 2, queued: 40, inProgress: 8 }),
  waveOf(3, 100, {}),
]);
const incomplete = statusOf(
  rowOf(viewOf({ phase: 'rollback-incomplete', since, reason: 'failure rate 35 % > 10 %', left: 2 }, null), {
    closed: true,
    completedAt: since,
  }),
);

describe('deploy status', () => {
  it('reads as facts and a bar for each wave that began', () => {
    expect(renderStatus(running, look)).toBe(
      `
exe_01HSAMPLE  RUNNING  26 %  edge 1.2.0 → production
started 14:00 (14 min 12 s ago) by grace
now: step 3
wave 1        20/20   ████████████████████ 100 %   0 failed
wave 2        32/80   ███████▓░░░░░░░░░░░░  37 %   2 failed
`.trim(),
    );
  });

  it('names the reason and the devices left behind', () => {
    expect(renderStatus(incomplete, look)).toBe(
      `
exe_01HSAMPLE  ROLLBACK-INCOMPLETE  0 %  edge 1.2.0 → production
started 14:00 (14 min 12 s ago) by grace · ended 14:13 (1 min 12 s ago)
reason: failure rate 35 % > 10 %
left behind: 2 devices
`.trim(),
    );
  });

  it('tells of the way back, not of the step it left, while it rolls back', () => {
    const view = viewOf({ phase: 'rolling-back', since, reason: 'failure rate 35 % > 10 %' }, 1);
    const back = { ...statusOf(rowOf(view)), wayBack: { devices: 20, returned: 6, left: 1 } };
    expect(renderStatus(back, look)).toContain('now: rolling back, 6 of 20 devices are back');
    expect(statusLine(back)).toBe('ROLLING-BACK 0 % · no device offered yet · failure rate 35 % > 10 %');
  });

  it('is one line in a pipe', () => {
    expect(statusLine(running)).toBe(
      'RUNNING 26 %  step 3 · wave 1 ▸ 20/20 · wave 2 ▸ 32/80 · 2 failed (3.8 %) · 3 had it already',
    );
  });
});

describe('the line of a run that left devices out', () => {
  it('tells why, apart from those that had the version', () => {
    const row = rowOf(viewOf({ phase: 'running', since }, 3));
    const left = { misfit: 1, 'no-way-back': 2 };
    const some = statusOf(row, [waveOf(1, 20, { offered: 17, queued: 17, skipped: 4 }, left)]);
    expect(statusLine(some)).toMatch(
      /1 had it already · 2 left out: no way back · 1 left out: the firmware does not fit$/,
    );
    const none = statusOf(row, [waveOf(1, 20, { skipped: 3 }, left)]);
    expect(statusLine(none)).toMatch(/no device offered yet$/);
  });
});

describe('the document of deploy status', () => {
  it('has the names that scripts rely on', () => {
    expect(statusDocument(running)).toMatchObject({
      execution_id: RUN,
      plan_id: 'plan_7k2',
      digest: DIGEST,
      status: 'running',
      progress: 26,
      started_at: '2025-11-21T14:00:00.000Z',
      completed_at: null,
      counts: {
        targets: 200,
        offered: 100,
        succeeded: 50,
        failed: 2,
        queued: 40,
        in_progress: 8,
        skipped: 3,
        pending: 48,
      },
      reason: null,
      waiting: null,
      left: 0,
    });
    expect(statusDocument(running).waves).toHaveLength(3);
    expect(statusDocument(incomplete)).toMatchObject({ status: 'rollback-incomplete', left: 2, completed_at: since });
  });

  it('says for whom a run waits', () => {
    const policy = { quorum: 1, role: 'approver', expiresInMs: null };
    const waiting = { gate: 'approve-1', opens: 'wave 1', policy, since, expiresAt: null, decisions: [] };
    const view = viewOf({ phase: 'awaiting-approval', since, gate: 'approve-1', expiresAt: null }, 0, { waiting });
    expect(statusDocument(statusOf(rowOf(view))).waiting).toEqual({
      gate: 'approve-1',
      opens: 'wave 1',
      role: 'approver',
      quorum: 1,
      missing: 1,
      since,
      expires_at: null,
      decisions: [],
    });
  });
});

describe('a list of runs', () => {
  it('is a table that fits 80 columns', () => {
    const text = renderRuns([rowOf(viewOf({ phase: 'running', since }, 3))], clock);
    expect(text).toBe(
      `
RUN            STATUS   ENVIRONMENT  FIRMWARE    STARTED
exe_01HSAMPLE  running  production   edge 1.2.0  14:00 (14 min 12 s ago)
`.trim(),
    );
  });

  it('says how to get a first one', () => {
    expect(renderRuns([], clock)).toContain('sluice deploy execute --plan-id ID');
  });
});
