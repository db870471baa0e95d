import { describe, expect, it } from 'vitest';
import { EMPTY_BOOKS, type Books, type Claim, type PlaceWish } from '#domain/coordination/place.ts';
import { stopCommand, stoppedRun, type OpenRun } from '#domain/emergency/stop-run.ts';
import type { RunState } from '#domain/run/run-state.ts';
import type { RunView } from '#domain/run/run-view.ts';

const place = (priority: PlaceWish['priority'] = 'normal'): PlaceWish => ({
  ...{ environment: 'production', ticket: 1, priority, subject: 'shop', after: [], maximum: 5 },
});

const SINCE = '2026-01-01T00:00:00.000Z';
const stateOf = (phase: RunState['phase']): RunState =>
  ({ phase, since: SINCE, reason: 'because', by: 'ada', under: { phase: 'running', since: SINCE } }) as RunState;

interface Over {
  readonly phase?: RunState['phase'];
  readonly priority?: PlaceWish['priority'];
  readonly interrupt?: RunView['interrupt'];
  readonly kind?: 'application' | 'firmware';
  readonly waves?: RunView['waves'];
}

const aRun = ({ phase = 'running', priority, interrupt = null, kind = 'application', waves = [] }: Over): OpenRun => ({
  run: 'exe_1',
  subject: { kind, name: 'shop', version: '1.0' },
  phase,
  place: place(priority),
  view: { state: stateOf(phase), interrupt, waves, traffic: null } as unknown as RunView,
});

const claim: Claim = { ...place(), run: 'exe_1', workflowId: 'deployment/exe_1', request: 1, since: SINCE };
const HOLDS: Books = { ...EMPTY_BOOKS, holders: [claim] };
const NONE = new Map<string, number>();

describe('what an open run is told', () => {
  it('is to cancel as long as it has no place, whatever it waits for', () => {
    for (const phase of ['queued', 'waiting-for-window', 'awaiting-approval', 'paused'] as const) {
      expect(stopCommand(aRun({ phase }), EMPTY_BOOKS)).toBe('cancelRun');
    }
  });

  it('is to roll back once it has been let in, paused and asking ones too', () => {
    for (const phase of ['running', 'paused', 'awaiting-approval'] as const) {
      expect(stopCommand(aRun({ phase }), HOLDS)).toBe('rollBackRun');
      expect(stopCommand(aRun({ phase }), { ...EMPTY_BOOKS, resting: [claim] })).toBe('rollBackRun');
    }
  });

  it('is to roll back when nobody knows whether it has begun', () => {
    expect(stopCommand(aRun({ phase: 'queued' }), null)).toBe('rollBackRun');
    expect(stopCommand({ ...aRun({}), place: null }, EMPTY_BOOKS)).toBe('rollBackRun');
  });

  it('is nothing when it stops already', () => {
    expect(stopCommand(aRun({ phase: 'rolling-back' }), HOLDS)).toBeNull();
    expect(stopCommand(aRun({ interrupt: { why: 'cancel', by: 'lin', reason: '' } }), HOLDS)).toBeNull();
  });

  it('is nothing when it is a way back itself, and to go on when that is paused', () => {
    expect(stopCommand(aRun({ priority: 'rollback' }), HOLDS)).toBeNull();
    expect(stopCommand({ ...aRun({}), place: null, leadsBack: true }, HOLDS)).toBeNull();
    expect(stopCommand(aRun({ priority: 'rollback', phase: 'paused' }), HOLDS)).toBe('resumeRun');
  });
});

describe('what became of it', () => {
  const end = (over: Over, hasRelease = true) =>
    stoppedRun(aRun(over), hasRelease ? new Map([['exe_1', 7]]) : NONE).end;

  it('is told by its phase and by whether it had changed anything', () => {
    expect(end({ phase: 'running' })).toBe('open');
    expect(end({ phase: 'rolled-back' })).toBe('rolled-back');
    expect(end({ phase: 'cancelled' })).toBe('rolled-back');
    expect(end({ phase: 'rolled-back' }, false)).toBe('cancelled');
    expect(end({ phase: 'failed' }, false)).toBe('cancelled');
    expect(end({ phase: 'failed' })).toBe('incomplete');
    expect(end({ phase: 'rollback-incomplete' })).toBe('incomplete');
    expect(end({ phase: 'completed' })).toBe('completed');
    expect(end({ phase: 'completed', priority: 'rollback' })).toBe('came-back');
  });

  it('leaves devices on the new version when a rollout was only cancelled', () => {
    const waves = [{ wave: 1, label: '10 %', state: 'passed', counts: null }] as const;
    expect(end({ phase: 'cancelled', kind: 'firmware', waves }, false)).toBe('incomplete');
    expect(end({ phase: 'rolled-back', kind: 'firmware', waves }, false)).toBe('rolled-back');
  });
});
