import { describe, expect, it } from 'vitest';
import { describeRun } from '../../../client/engine/runs/describe-run.ts';
import { statusDocument } from '../../../client/engine/runs/status-document.ts';
import { factsOf, lookAt, rowOf, statusOf, viewOf, waveOf } from './sample-run.ts';

const NOW = '2025-11-21T14:14:12.000Z';

describe('the status document', () => {
  it('counts zero for a wave that nobody was offered yet', () => {
    const view = viewOf({ phase: 'running', since: NOW }, 1);
    const { waves } = statusDocument(statusOf(rowOf(view), [waveOf(1, 20, { offered: 20, succeeded: 20 })]));
    expect(waves.map(({ wave, offered, succeeded, pending }) => [wave, offered, succeeded, pending])).toEqual([
      [1, 20, 20, 0],
      [2, 0, 0, 0],
      [3, 0, 0, 0],
    ]);
  });

  it.each([
    ['cancel', 'cancel'],
    ['roll-back', 'rollback'],
  ] as const)('names who asked for the %s that is being carried out, and keeps the phase', (why, asked) => {
    const interrupt = { why, by: 'ada', reason: 'wrong plan' } as const;
    const status = statusOf(rowOf(viewOf({ phase: 'running', since: NOW }, 1, { interrupt })));
    const stopping = `stopping: ${asked} asked by ada: wrong plan`;
    expect(statusDocument(status)).toMatchObject({ status: 'running', reason: stopping });
    expect(describeRun(factsOf(status), lookAt(NOW).clock).doing).toBe(stopping);
  });

  it('gives the end its own reason', () => {
    const interrupt = { why: 'cancel', by: 'ada', reason: 'wrong plan' } as const;
    const view = viewOf({ phase: 'cancelled', since: NOW, reason: 'ada: wrong plan' }, null, { interrupt });
    expect(statusDocument(statusOf(rowOf(view, { closed: true }))).reason).toBe('ada: wrong plan');
  });
});
