import { describe, expect, it } from 'vitest';
import { EMPTY_BOOKS, type Books, type Claim } from '#domain/coordination/place.ts';
import type { RunId } from '#domain/ids.ts';
import type { Phase } from '#domain/run/run-state.ts';
import type { RunRow } from '../../../activities/adapters/postgres/runs.ts';
import { renderQueue } from '../../../client/cli/render/queue.ts';
import { queueDocument } from '../../../client/engine/environments/queue-document.ts';
import { queueOf } from '../../../client/engine/environments/queue-of.ts';
import type { EnvironmentQueue } from '../../../client/engine/environments/read-queue.ts';
import { lookAt, rowOf } from '../runs/sample-run.ts';

const look = lookAt('2025-11-21T14:14:12.000Z');
const idOf = (ticket: number): string => `exe_01M8AG7TPBK6YXD5TB5F529MV${ticket}`;

const claim = (ticket: number, subject: string, over: Partial<Claim> = {}): Claim => ({
  environment: 'production',
  ticket,
  priority: 'normal',
  subject,
  after: [],
  maximum: 2,
  run: idOf(ticket),
  workflowId: `deployment/${idOf(ticket)}`,
  request: 1,
  since: `2025-11-21T14:0${ticket}:00.000Z`,
  ...over,
});
const row = (ticket: number, name: string, phase: Phase): RunRow =>
  rowOf(null, { run: idOf(ticket) as RunId, phase, subject: { kind: 'application', name, version: `1.${ticket}.0` } });

const books: Books = {
  limit: { ticket: 7, maximum: 2 },
  holders: [claim(1, 'shop'), claim(2, 'mail')],
  resting: [claim(3, 'blog'), claim(4, 'wiki')],
  waiting: [
    { ...claim(7, 'mail', { priority: 'rollback' }), resumes: false },
    { ...claim(4, 'wiki'), resumes: true },
    { ...claim(5, 'shop'), resumes: false },
    { ...claim(6, 'cart'), resumes: false },
  ],
};
const rows = [
  row(1, 'shop', 'running'),
  row(2, 'mail', 'running'),
  row(3, 'blog', 'awaiting-approval'),
  row(4, 'wiki', 'queued'),
  row(5, 'shop', 'queued'),
  row(6, 'cart', 'queued'),
  row(7, 'mail', 'queued'),
];
const queue = (from: Books, known = rows): EnvironmentQueue => ({
  environment: 'production',
  maximum: Math.min(from.limit?.maximum ?? 5, 5),
  freeze: null,
  pins: [],
  ...queueOf(from, known, look.clock.now),
  asking: [],
});

describe('env queue', () => {
  it('shows who is under way, who rests, and who waits in which order and why', () => {
    expect(renderQueue(queue(books), look)).toBe(
      `
production: 2 under way, 1 resting, 4 waiting · at most 2 at once

UNDER WAY                       STATUS   SINCE                        DELIVERS
exe_01M8AG7TPBK6YXD5TB5F529MV1  running  14:01 UTC (13 min 12 s ago)  shop 1.1.0
exe_01M8AG7TPBK6YXD5TB5F529MV2  running  14:02 UTC (12 min 12 s ago)  mail 1.2.0

RESTING                         STATUS             SINCE       DELIVERS
exe_01M8AG7TPBK6YXD5TB5F529MV3  awaiting-approval  11 min ago  blog 1.3.0
  each keeps its application or devices to itself

#  WAITING                         STATUS  SINCE       DELIVERS
1  exe_01M8AG7TPBK6YXD5TB5F529MV7  queued  7 min ago   mail 1.7.0
   behind exe_01M8AG7TPBK6YXD5TB5F529MV2: the same application · a way back:
   goes before the others
2  exe_01M8AG7TPBK6YXD5TB5F529MV4  queued  10 min ago  wiki 1.4.0
   2 under way, at most 2 at once · has begun, keeps its application
3  exe_01M8AG7TPBK6YXD5TB5F529MV5  queued  9 min ago   shop 1.5.0
   behind exe_01M8AG7TPBK6YXD5TB5F529MV1: the same application
4  exe_01M8AG7TPBK6YXD5TB5F529MV6  queued  8 min ago   cart 1.6.0
   2 under way, at most 2 at once
`.trim(),
    );
  });

  it('keeps to 80 columns', () => {
    const widths = renderQueue(queue(books), look)
      .split('\n')
      .map((line) => line.length);
    expect(Math.max(...widths)).toBeLessThanOrEqual(80);
  });

  it('says in one line that nothing is under way', () => {
    expect(renderQueue(queue(EMPTY_BOOKS), look)).toBe('production: no run is under way or waits · at most 5 at once');
  });

  it('says that the environment is being taken back, and why each waits', () => {
    const hold = { id: 'emg_01M8AG7TPBK6YXD5TB5F529MV1', since: '2025-11-21T14:14:00.000Z' };
    expect(renderQueue(queue({ ...EMPTY_BOOKS, emergency: hold }), look).split('\n')).toEqual([
      'production: no run is under way or waits · at most 5 at once',
      'being taken back (emg_01M8AG7TPBK6YXD5TB5F529MV1): only ways back begin',
    ]);
    const { waiting } = queueDocument(queue({ ...books, emergency: hold }));
    expect(waiting.map(({ priority, why }) => (priority === 'rollback' ? '' : why)).filter(Boolean)).toEqual([
      ...['emergency-rollback', 'emergency-rollback', 'emergency-rollback'],
    ]);
  });

  it('leaves out a run that is over although the books still have it, and nobody waits behind it', () => {
    const { holders, waiting } = queue(books, rows.slice(1));
    expect(holders.map((one) => one.claim.run)).toEqual([idOf(2)]);
    expect(waiting.find((one) => one.claim.run === idOf(5))?.obstacle).toBeNull();
  });

  it('tells programs the same, each run once', () => {
    const { waiting, resting, holders, ...rest } = queueDocument(queue(books));
    const idle = { emergency: null, freeze: null, pins: [], asking: [] };
    expect(rest).toEqual({ environment: 'production', maximum: 2, ...idle });
    expect([holders, resting].map((all) => all.map((one) => one.execution_id))).toEqual([
      [idOf(1), idOf(2)],
      [idOf(3)],
    ]);
    expect(
      waiting.map(({ position, execution_id: run, priority, resumes, why, behind }) => [
        position,
        run,
        priority,
        resumes,
        why,
        behind,
      ]),
    ).toEqual([
      [1, idOf(7), 'rollback', false, 'same-application', [idOf(2)]],
      [2, idOf(4), 'normal', true, 'maximum-under-way', [idOf(1), idOf(2)]],
      [3, idOf(5), 'normal', false, 'same-application', [idOf(1)]],
      [4, idOf(6), 'normal', false, 'maximum-under-way', [idOf(1), idOf(2)]],
    ]);
    expect(waiting[0]).toMatchObject({ status: 'queued', since: '2025-11-21T14:07:00.000Z' });
  });
});
