import { describe, expect, it } from 'vitest';
import { renderDiagnosis, renderStatus } from '../../../client/cli/render/stack.ts';
import type { PartStatus } from '../../../client/engine/stack/status.ts';

const clock = { now: '2025-11-21T14:14:12.000Z', timeZone: 'UTC' };

const postgres: PartStatus = {
  name: 'postgres',
  title: 'PostgreSQL',
  state: 'well',
  address: '127.0.0.1:5433',
  version: '18.4',
  detail: 'schema 0001_spine',
  restarts: 2,
};

describe('the status of the stack in a terminal', () => {
  it('has one line for each part', () => {
    const text = renderStatus({ well: true, dataDirectory: '/d', parts: [postgres] }, false, clock);
    expect(text).toBe('✓  PostgreSQL 18.4  127.0.0.1:5433  schema 0001_spine · started again 2 ×');
  });

  it('says why a part is down and where the way out stands', () => {
    const down: PartStatus = { ...postgres, state: 'down', detail: 'refused', restarts: 0 };
    const text = renderStatus({ well: false, dataDirectory: '/d', parts: [down] }, false, clock);
    expect(text).toContain('✗  PostgreSQL 18.4  127.0.0.1:5433  down: refused');
  });
});

describe('the status of a stack that does not run', () => {
  it('names the command that starts it', () => {
    const down: PartStatus = { ...postgres, state: 'down', detail: 'refused', restarts: 0 };
    const text = renderStatus({ well: false, dataDirectory: '/d', parts: [down] }, false, clock);
    expect(text).toContain('nothing runs for /d   ·   npx sluice up');
    const up: PartStatus = { ...down, name: 'up', state: 'well' };
    expect(renderStatus({ well: false, dataDirectory: '/d', parts: [down, up] }, false, clock)).toContain(
      'sluice doctor',
    );
  });
});

describe('a diagnosis in a terminal', () => {
  it('names for each missing part the command that mends it, and what works without', () => {
    const finding = { name: 'mosquitto', title: 'mosquitto', version: '', detail: 'was not found' };
    const text = renderDiagnosis(
      {
        well: false,
        findings: [{ ...finding, state: 'missing', mend: 'npx sluice setup' }],
        withoutIt: ['plans work'],
      },
      false,
      clock,
    );
    expect(text).toMatch(/^✗ {2}mosquitto +was not found\n {3}→ npx sluice setup\n/);
    expect(text.endsWith('plans work')).toBe(true);
  });

  it('marks a warning, with what mends it', () => {
    const finding = { name: 'engine', title: 'Docker Engine', version: '1', detail: 'live-restore is off' };
    const text = renderDiagnosis(
      { well: true, findings: [{ ...finding, state: 'warning', mend: 'switch it on' }], withoutIt: [] },
      false,
      clock,
    );
    expect(text).toMatch(/^! {2}Docker Engine {2}1 {2}live-restore is off\n {3}→ switch it on\n/);
  });
});
