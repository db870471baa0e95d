import { describe, expect, it } from 'vitest';
import type { GateOverride } from '#domain/run/commands.ts';
import { refusal } from '#domain/run/refusal.ts';
import type { RunView } from '#domain/run/run-view.ts';
import { runViewOf } from '../../support/fleet/run-view-builder.ts';

const view = (over: Partial<RunView> = {}): RunView =>
  runViewOf('exe_1', {
    author: 'lin',
    approverRole: 'release-manager',
    openGates: [
      { id: 'gate-firmware_validation', settledBy: 'built-in' },
      { id: 'gate-security_scan', settledBy: 'check' },
      { id: 'gate-user_acceptance_test', settledBy: 'people' },
    ],
    ...over,
  });
const override = (over: Partial<GateOverride> = {}): GateOverride => ({
  commandId: 'c-1',
  by: 'ada',
  via: 'cli',
  verified: false,
  reason: 'the scanner is down',
  gate: 'security_scan',
  roles: ['release-manager'],
  ...over,
});

describe('an override', () => {
  it('of a check by somebody with the approvers’ role is taken', () => {
    expect(refusal('overrideGate', override(), view())).toBeNull();
  });

  it.each([
    ['without a reason', { reason: '  ' }, 'REASON_REQUIRED'],
    ['by the plan’s author', { by: 'lin' }, 'APPROVAL_BY_AUTHOR'],
    ['without the role', { roles: ['approver'] }, 'APPROVAL_ROLE_MISSING'],
    ['of a gate that keeps devices safe', { gate: 'firmware_validation' }, 'GATE_BUILT_IN'],
    ['of a gate that people decide', { gate: 'user_acceptance_test' }, 'GATE_ASKS_PEOPLE'],
    ['of a gate that is not there', { gate: 'functionality_test' }, 'GATE_UNKNOWN'],
  ])('%s is refused', (_what, over, code) => {
    expect(refusal('overrideGate', override(over), view())?.code).toBe(code);
  });

  it('of an approval that waits names the way to decide it', () => {
    const policy = { quorum: 1, role: 'approver', expiresInMs: null };
    const waiting = { gate: 'approve-1', opens: 'wave 1', policy, since: '', expiresAt: null, decisions: [] };
    const refused = refusal('overrideGate', override({ gate: 'approve-1' }), view({ waiting }));
    expect(refused).toMatchObject({
      code: 'GATE_ASKS_PEOPLE',
      hint: expect.stringContaining('sluice approve exe_1 --gate approve-1') as string,
    });
  });

  it('names only gates that it may pass', () => {
    const refused = refusal('overrideGate', override({ gate: 'nonsense' }), view());
    expect(refused?.message).toContain('(gate-security_scan)');
  });
});
