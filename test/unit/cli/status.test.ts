import { describe, expect, it } from 'vitest';
import { renderRuns, renderStatus, statusLine } from '../../../client/cli/render/run.ts';
import { describeRun } from '../../../client/engine/runs/describe-run.ts';
import { statusDocument } from '../../../client/engine/runs/status-document.ts';
import type { RunStatus } from '../../../client/engine/runs/run-status.ts';
import type { RunId } from '#domain/ids.ts';
import type { WaveView } from '#domain/run/run-view.ts';
import { DIGEST, factsOf, lookAt, RUN, rowOf, statusOf, viewOf, waveOf } from '../runs/sample-run.ts';

const look = lookAt('2025-11-21T14:14:12.000Z');
const since = '2025-11-21T14:13:00.000Z';
const pictureOf = (status: RunStatus) => describeRun(factsOf(status), look.clock);
const shown = (status: RunStatus, rows = Infinity): string =>
  renderStatus(status, pictureOf(status), { ...look, rows });

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
  it('answers the six questions, with a bar for each wave that began', () => {
    expect(shown(running)).toBe(
      `
Production Rollout v1.2.0 · fleet rollout · edge 1.2.0 → production
exe_01HSAMPLE  RUNNING · 26 % · step 4 of 6 · 00:14:12
since     14:13 UTC (1 min 12 s ago) · started 14:00 UTC (14 min 12 s ago) by
          grace
doing     wave 2 of 3 (50 %): 32 of 80 devices ended, waits for 48 more
why       plan plan_7k2 by grace (digest 9be2c1d0a7f3)
so far    wave 1 ▸ 20/20 · wave 2 ▸ 32/80 · 2 failed (3.8 %) · 3 had it already
wave 1        20/20   ████████████████████ 100 %   0 failed
wave 2        32/80   ███████▓░░░░░░░░░░░░  37 %   2 failed
devices   2 devices failed
next      bake 30 min after wave 2
back      roll back: 60 devices to their own previous firmware (each its own),
          within 10 min
you can   pause · cancel · roll back · see the failed
  sluice deploy pause --execution-id exe_01HSAMPLE
  sluice deploy cancel --execution-id exe_01HSAMPLE --reason "…"
  sluice deploy rollback --execution-id exe_01HSAMPLE --reason "…"
  sluice run devices exe_01HSAMPLE --state failed
`.trim(),
    );
  });

  it('drawn again and again only names where the commands stand', () => {
    expect(shown(running, 40)).toContain(
      'you can   pause · cancel · roll back · see the failed\n          sluice run show exe_01HSAMPLE',
    );
  });

  it('names the reason and the devices left behind', () => {
    const text = shown(incomplete);
    expect(text).toContain('exe_01HSAMPLE  ROLLBACK-INCOMPLETE · 0 % · 00:13:00');
    expect(text).toContain('why       failure rate 35 % > 10 %');
    expect(text).toContain('devices   2 devices left behind');
  });

  it('is one line in a pipe, without times that would make every second another one', () => {
    expect(statusLine(running, pictureOf(running))).toBe(
      'RUNNING 26 %  step 3 · wave 1 ▸ 20/20 · wave 2 ▸ 32/80 · 2 failed (3.8 %) · 3 had it already',
    );
    const view = viewOf({ phase: 'rolling-back', since, reason: 'failure rate 35 % > 10 %' }, 1);
    const back = { ...statusOf(rowOf(view)), wayBack: { devices: 20, returned: 6, left: 1 } };
    expect(statusLine(back, pictureOf(back))).toBe(
      'ROLLING-BACK 0 % · no device offered yet · failure rate 35 % > 10 %',
    );
    const under = { phase: 'running', since } as const;
    const paused = statusOf(rowOf(viewOf({ phase: 'paused', since, by: 'ada', reason: 'lunch', under }, 1)));
    expect(statusLine(paused, pictureOf(paused))).toBe('PAUSED 0 % · no device offered yet · lunch');
  });
});

describe('a run of many waves', () => {
  const waves = Array.from({ length: 34 }, (_, at) =>
    waveOf(
      at + 1,
      3,
      at < 31 ? { offered: 3, succeeded: 3 } : at === 31 ? { offered: 3, succeeded: 1, queued: 2 } : {},
    ),
  );
  const views = waves.map(({ wave }): WaveView => {
    const state = wave < 32 ? 'passed' : wave === 32 ? 'offering' : 'waiting';
    return { wave, label: '', state, counts: null };
  });
  const status = statusOf(rowOf(viewOf({ phase: 'running', since }, 3, { waves: views })), waves);

  it('tells those that passed by one line', () => {
    const text = shown(status);
    expect(text).toContain('so far    waves 1–31 ✓ 93/93 · wave 32 ▸ 1/3 · 0 failed');
    expect(text).toContain('waves 1–31    93/93   ████████████████████ 100 %   0 failed');
    expect(text).toContain('wave 32         1/3   ██████░░░░░░░░░░░░░░  33 %   0 failed');
  });

  it('keeps head, doing and progress in sight however small the terminal is', () => {
    expect(shown(status, 23).split('\n').length).toBeLessThanOrEqual(23);
    const small = shown(status, 8);
    expect(small.split('\n').length).toBeLessThanOrEqual(8);
    expect(small).toContain('exe_01HSAMPLE  RUNNING');
    expect(small).toContain('doing ');
    expect(small).toContain('so far ');
  });
});

describe('the line of a run that left devices out', () => {
  it('tells why, apart from those that had the version', () => {
    const row = rowOf(viewOf({ phase: 'running', since }, 3));
    const left = { misfit: 1, 'no-way-back': 2 };
    const some = statusOf(row, [waveOf(1, 20, { offered: 17, queued: 17, skipped: 4 }, left)]);
    expect(statusLine(some, pictureOf(some))).toMatch(
      /1 had it already · 2 left out: no way back · 1 left out: the firmware does not fit$/,
    );
    const none = statusOf(row, [waveOf(1, 20, { skipped: 3 }, left)]);
    expect(statusLine(none, pictureOf(none))).toMatch(/no device offered yet$/);
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
      reminded: 0,
      reminded_at: null,
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
  const run = 'exe_01KB0M2QF3V7W8X9Y0Z1A2B3C4' as RunId;
  const row = rowOf(viewOf({ phase: 'awaiting-approval', since, gate: 'g', expiresAt: null }, 3), {
    run,
    environment: 'production-europe-west',
    subject: { kind: 'firmware', name: 'edge-controller', version: '1.2.0' },
  });

  it('tells everything where there is room', () => {
    expect(renderRuns([row], { ...look, listWidth: Infinity })).toBe(
      `
RUN                             STATUS             STARTED                      DELIVERS               ENVIRONMENT
exe_01KB0M2QF3V7W8X9Y0Z1A2B3C4  awaiting-approval  14:00 UTC (14 min 12 s ago)  edge-controller 1.2.0  production-europe-west
`.trim(),
    );
  });

  it('fits 80 columns, with the id whole', () => {
    const lines = renderRuns([row], look).split('\n');
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
    expect(lines[1]).toContain(`${run}  awaiting-approval  `);
  });

  it('says how to get a first one', () => {
    expect(renderRuns([], look)).toContain('sluice deploy execute --plan-id ID');
  });
});
