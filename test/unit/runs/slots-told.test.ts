import { describe, expect, it } from 'vitest';
import { describeWavesSoFar } from '../../../client/engine/runs/describe-waves.ts';
import { describeWayBack } from '../../../client/engine/runs/describe-way-back.ts';
import { progressPercent } from '../../../client/engine/runs/run-progress.ts';
import { statusDocument } from '../../../client/engine/runs/status-document.ts';
import { factsOf, lookAt, rowOf, statusOf, viewOf, waveOf } from './sample-run.ts';

const view = viewOf({ phase: 'running', since: '2026-01-01T00:00:00.000Z' }, 1, {
  waves: [
    { wave: 1, label: 'stage on 100 %', state: 'passed', counts: null },
    { wave: 2, label: 'activate on 100 %', state: 'offering', counts: null },
  ],
});
const staged = { ...waveOf(1, 20, { offered: 20, succeeded: 20 }), operation: 'stage' } as const;
const activated = (counts: object) => ({ ...waveOf(2, 20, counts), operation: 'activate' }) as const;
const clock = lookAt('2026-01-01T10:00:00.000Z').clock;

describe('a run that fills slots first', () => {
  it('tells what was staged apart from what was activated', () => {
    const waves = [staged, activated({ offered: 20, succeeded: 5, failed: 1, inProgress: 14 })];
    const text = describeWavesSoFar(statusOf(rowOf(view), waves));
    expect(text).toMatch(/^wave 1 \(stage\) ✓ 20\/20 · wave 2 \(activate\) ▸ 6\/20 · 1 failed/);
  });

  it('has no device on the new version while all are only staged, and is half-way', () => {
    const status = statusOf(rowOf(view), [staged, activated({})]);
    expect(statusDocument(status).counts).toMatchObject({ targets: 20, offered: 20, succeeded: 0, queued: 20 });
    expect(describeWayBack(factsOf(status), clock)).toMatch(/^nothing to take back yet/);
    expect(progressPercent('running', status.waves)).toBe(50);
  });

  it('names at its end those that were only staged', () => {
    const closed = rowOf(view, { closed: true });
    const text = describeWavesSoFar(statusOf(closed, [staged, activated({ offered: 12, succeeded: 12 })]));
    expect(text).toMatch(/8 only staged$/);
    expect(text).not.toMatch(/pending/);
  });
});
