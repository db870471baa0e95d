import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { isClosed, PHASES, type Phase, type RunState } from '#domain/run/run-state.ts';
import { transition, type RunEvent } from '#domain/run/transition.ts';

const AT = '2026-01-01T00:00:00.000Z';
const LATER = '2026-01-01T01:00:00.000Z';
const running: RunState = { phase: 'running', since: AT };

const STATES: Readonly<Record<Phase, RunState>> = {
  queued: { phase: 'queued', since: AT },
  'waiting-for-window': { phase: 'waiting-for-window', since: AT, opensAt: LATER, heldBy: 'window', reason: 'r' },
  'awaiting-approval': { phase: 'awaiting-approval', since: AT, gate: 'g', expiresAt: null },
  running,
  paused: { phase: 'paused', since: AT, reason: 'r', by: 'ada', under: running },
  'rolling-back': { phase: 'rolling-back', since: AT, reason: 'r' },
  completed: { phase: 'completed', since: AT },
  'rolled-back': { phase: 'rolled-back', since: AT, reason: 'r' },
  cancelled: { phase: 'cancelled', since: AT, reason: 'r' },
  failed: { phase: 'failed', since: AT, reason: 'r' },
  'rollback-incomplete': { phase: 'rollback-incomplete', since: AT, reason: 'r', left: 2 },
};

const EVENTS: Readonly<Record<RunEvent['type'], RunEvent>> = {
  started: { type: 'started' },
  queued: { type: 'queued' },
  'window-awaited': { type: 'window-awaited', opensAt: LATER, heldBy: 'window', reason: 'r' },
  'approval-awaited': { type: 'approval-awaited', gate: 'g', expiresAt: null },
  proceeded: { type: 'proceeded' },
  paused: { type: 'paused', reason: 'r', by: 'ada' },
  resumed: { type: 'resumed' },
  'rollback-begun': { type: 'rollback-begun', reason: 'r' },
  completed: { type: 'completed' },
  'rolled-back': { type: 'rolled-back' },
  cancelled: { type: 'cancelled', reason: 'r' },
  failed: { type: 'failed', reason: 'r' },
  'left-incomplete': { type: 'left-incomplete', reason: 'r', left: 1 },
};

const TYPES = Object.keys(EVENTS) as RunEvent['type'][];
const ACTIVE = {
  queued: 'queued',
  'window-awaited': 'waiting-for-window',
  'approval-awaited': 'awaiting-approval',
  proceeded: 'running',
  paused: 'paused',
  'rollback-begun': 'rolling-back',
  cancelled: 'cancelled',
  failed: 'failed',
} as const;

/** Where each event leads from each phase; what is missing is illegal. */
const TABLE: Readonly<Record<Phase, Readonly<Partial<Record<RunEvent['type'], Phase>>>>> = {
  queued: { ...ACTIVE, started: 'running' },
  'waiting-for-window': ACTIVE,
  'awaiting-approval': ACTIVE,
  running: { ...ACTIVE, completed: 'completed' },
  paused: {
    queued: 'paused',
    'window-awaited': 'paused',
    'approval-awaited': 'paused',
    proceeded: 'paused',
    paused: 'paused',
    resumed: 'running',
    'rollback-begun': 'rolling-back',
    cancelled: 'cancelled',
    failed: 'failed',
    'left-incomplete': 'rollback-incomplete',
  },
  'rolling-back': { 'rolled-back': 'rolled-back', failed: 'failed', 'left-incomplete': 'rollback-incomplete' },
  completed: {},
  'rolled-back': {},
  cancelled: {},
  failed: {},
  'rollback-incomplete': {},
};

describe.each(PHASES)('from %s', (phase) => {
  it.each(TYPES)('%s leads where the table says', (type) => {
    const result = transition(STATES[phase], EVENTS[type], LATER);
    expect(result.kind === 'moved' ? result.state.phase : undefined).toBe(TABLE[phase][type]);
  });
});

test('a resumed run is where it went underneath its pause', () => {
  const paused = transition(STATES['awaiting-approval'], EVENTS.paused, AT);
  if (paused.kind !== 'moved') throw new Error('not paused');
  const approved = transition(paused.state, EVENTS.proceeded, LATER);
  if (approved.kind !== 'moved') throw new Error('not approved');
  expect(approved.state).toMatchObject({ phase: 'paused', under: { phase: 'running' } });
  expect(transition(approved.state, EVENTS.resumed, LATER)).toMatchObject({
    state: { phase: 'running', since: LATER },
  });
});

test('no sequence of events leaves a closed phase or a phase that does not exist', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...TYPES), { maxLength: 30 }), (types) => {
      let state: RunState = STATES.queued;
      for (const type of types) {
        const result = transition(state, EVENTS[type], LATER);
        if (isClosed(state.phase)) expect(result.kind).toBe('illegal');
        if (result.kind === 'moved') state = result.state;
        expect(PHASES).toContain(state.phase);
      }
    }),
  );
});
