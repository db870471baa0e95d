import { parseDocument } from 'yaml';
import { describe, expect, it } from 'vitest';
import { renderEnvironment } from '../../../client/cli/render/environment.ts';
import { environmentDocument } from '../../../client/engine/environments/environment-document.ts';
import { environmentOf, type Environment } from '#domain/environments/environment.ts';
import { EnvironmentSpec } from '#domain/environments/environment.schema.ts';
import { lookAt } from '../runs/sample-run.ts';
import { standingAt } from '#domain/windows/standing.ts';

const read = (yaml: string): Environment =>
  environmentOf('production', EnvironmentSpec.parse(parseDocument(yaml).toJS()));

const BOTH = `
deployment_window: { start_time: "02:00", end_time: "06:00", timezone: Europe/Berlin }
deployment_windows:
  - { name: mornings, start_time: "06:00", end_time: "08:00", days: [mon, tue], timezone: Europe/Berlin }
  - { name: patch-day, kind: deny, rrule: "FREQ=MONTHLY;BYDAY=2TU", dtstart: "2026-01-13T00:00", duration: 24h }
`;

describe('the windows of an environment', () => {
  it('are the single one and those of the list together', () => {
    const { windows } = read(BOTH);
    expect(windows.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      'deployment_window allow',
      'mornings allow',
      'patch-day deny',
    ]);
    // Monday 4 May: the night and the morning meet. Tuesday 12 May is the second of its month.
    expect(standingAt(windows, '2026-05-04T01:00:00.000Z')).toMatchObject({ until: '2026-05-04T06:00:00.000Z' });
    expect(standingAt(windows, '2026-05-12T01:00:00.000Z')).toMatchObject({
      kind: 'closed',
      opensAt: '2026-05-13T00:00:00.000Z',
      because: [{ name: 'patch-day' }],
    });
  });

  it('mean the same as one allow window of every day where only the single one is given', () => {
    const single = read('deployment_window: { start_time: "22:00", end_time: "02:00" }');
    const listed = read('deployment_windows: [{ name: w, start_time: "22:00", end_time: "02:00" }]');
    for (const at of ['2026-05-01T21:59:00.000Z', '2026-05-01T22:00:00.000Z', '2026-05-02T01:59:00.000Z']) {
      const [one, other] = [standingAt(single.windows, at), standingAt(listed.windows, at)];
      expect({ ...other, by: null, because: null }).toEqual({ ...one, by: null, because: null });
    }
  });

  it('are told to programs with the names of the file', () => {
    expect(environmentDocument(read(BOTH))).toMatchObject({
      deployment_window: { start_time: '02:00', end_time: '06:00', timezone: 'Europe/Berlin' },
      deployment_windows: [
        { name: 'mornings', kind: 'allow', start_time: '06:00', end_time: '08:00', days: ['mon', 'tue'] },
        { name: 'patch-day', kind: 'deny', rrule: 'FREQ=MONTHLY;BYDAY=2TU', duration: 86_400, timezone: 'UTC' },
      ],
    });
    expect(environmentDocument(read('{}'))).toMatchObject({ deployment_window: null, deployment_windows: null });
  });

  it('are told to people in a line', () => {
    const shown = (one: Environment): string =>
      renderEnvironment(one, { freeze: null, pins: [] }, lookAt('2026-01-13T12:00:00.000Z'));
    expect(shown(read(BOTH))).toContain(
      '02:00–06:00 Europe/Berlin; mornings: mon, tue 06:00–08:00 Europe/Berlin; patch-day (deny): FREQ=MONTHLY;BYDAY=2TU, 00:00 for 1 d, UTC',
    );
    expect(shown(read('{}'))).toContain('always open');
  });
});
