import { describe, expect, it } from 'vitest';
import type { Freeze, Pin } from '#domain/coordination/holds.ts';
import type { RunId } from '#domain/ids.ts';
import { holdLines, renderFrozen, renderHistory, renderPinned } from '../../../client/cli/render/holds.ts';
import type { EnvironmentHistory } from '../../../client/engine/holds/environment-history.ts';
import { lookAt } from '../runs/sample-run.ts';

const look = lookAt('2025-11-21T14:14:12.000Z');
const FREEZE: Freeze = {
  id: 1,
  reason: 'books of the year are closed',
  by: 'ada',
  since: '2025-11-21T14:00:00.000Z',
  until: '2025-11-22T02:00:00.000Z',
};
const PIN: Pin = {
  subject: 'shop',
  versions: ['1.0.0'],
  by: 'lin',
  reason: 'slow',
  since: '2025-11-21T13:14:12.000Z',
  run: 'exe_01M8AG7TPBK6YXD5TB5F529MV1',
};

describe('what holds an environment', () => {
  it('is told with its end, its author, its reason and the way around it, in 80 columns', () => {
    const lines = holdLines(
      'production',
      { freeze: FREEZE, pins: [PIN, { ...PIN, subject: 'devices', versions: [] }] },
      look,
    );
    expect(lines.join('\n')).toBe(
      `
frozen by ada until Sat 02:00 UTC (in 11 h 45 min): books of the year are closed
  sluice deploy start-now RUN --reason "…"   lets one run pass
  sluice env unfreeze production --reason "…"   ends it
shop pinned to 1.0.0 by lin since 13:14 UTC (1 h ago): slow
  sluice env unpin production --application shop --reason "…"
the devices pinned to what runs there by lin since 13:14 UTC (1 h ago): slow
  sluice env unpin production --reason "…"
`.trim(),
    );
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('says what follows when it begins, and that nobody was told where that is so', () => {
    const told = {
      environment: 'production',
      holds: { revision: 1, freeze: FREEZE, pins: [], recorded: [] },
      isTold: false,
    };
    expect(renderFrozen({ ...told, freeze: FREEZE }, look)).toContain('runs that are started wait');
    expect(renderFrozen({ ...told, freeze: FREEZE }, look)).toContain('Temporal did not answer');
    expect(renderPinned({ ...told, isTold: true, pin: PIN })).toBe(
      '✓ shop in production is pinned to 1.0.0\n  sluice env unpin production --application shop --reason "…"',
    );
  });
});

describe('the history of an environment', () => {
  const event = { subject: null, versions: [], until: null, run: null };
  const history: EnvironmentHistory = {
    environment: 'production',
    isComplete: true,
    entries: [
      {
        ...event,
        kind: 'pinned',
        at: PIN.since,
        subject: 'shop',
        versions: ['1.0.0'],
        by: 'lin',
        reason: 'slow',
        run: PIN.run,
      },
      {
        kind: 'run',
        at: '2025-11-21T13:14:12.000Z',
        run: 'exe_01M8AG7TPBK6YXD5TB5F529MV1' as RunId,
        subject: { kind: 'application', name: 'shop', version: '1.0.0' },
        digest: `sha256:${'a'.repeat(64)}`,
        phase: 'completed',
        by: 'lin',
        release: 3,
        rank: 1,
        marks: ['current', 'pinned'],
      },
      { ...event, kind: 'freeze-over', at: '2025-11-20T00:00:00.000Z', by: null, reason: 'month end' },
    ],
  };

  it('is a list with what was deployed and what was held', () => {
    expect(renderHistory(history, look)).toBe(
      `
WHEN     WHAT        RESULT       BY   RUN
1 h ago  shop 1.0.0  pinned       lin  exe_01M8AG7TPBK6YXD5TB5F529MV1
  slow
1 h ago  shop 1.0.0  completed    lin  exe_01M8AG7TPBK6YXD5TB5F529MV1
  current · pinned · release 3 · sha256:aaaaaaaaaaaa…
1 d ago  freeze      freeze-over
  month end
`.trim(),
    );
  });

  it('is empty where nothing was deployed', () => {
    expect(renderHistory({ ...history, entries: [] }, look)).toBe('production: nothing was deployed yet');
  });
});
