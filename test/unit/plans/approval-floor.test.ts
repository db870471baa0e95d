import { describe, expect, it, test } from 'vitest';
import { approvals, options, problems } from '../../support/plans/settled-plan.ts';

const asked = { approval_required: true };
const policy = (written: Parameters<typeof options>[0]) => approvals(options(written).steps)[0]?.policy;

describe('an environment that asks for approval', () => {
  it('asks for the role approver when no file names one, whatever the plan’s author would like', () => {
    expect(policy({ environment: asked })).toMatchObject({ quorum: 1, role: 'approver' });
    expect(problems({ environment: asked, plan: { approvals: { role: 'intern' } } })).toEqual([
      'approvals.role: approver',
    ]);
    expect(problems({ environment: asked, plan: { approvals: { role: 'approver' } } })).toEqual([]);
  });

  test.each([
    ['drop the expiry', { expires_in: null }, ['approvals.expires_in: at most 1 h']],
    ['lengthen the expiry', { expires_in: '2h' }, ['approvals.expires_in: at most 1 h']],
    ['shorten the expiry', { expires_in: '10m' }, []],
    ['leave it as it is', { expires_in: '1h' }, []],
  ])('with an expiry: a plan that would %s', (_what, plan, expected) => {
    const environment = { ...asked, approvals: { expires_in: '1h' } };
    expect(problems({ environment, plan: { approvals: plan } })).toEqual(expected);
    expect(policy({ environment })?.expiresInMs).toBe(3_600_000);
  });

  it('without an expiry lets a plan set one', () => {
    expect(policy({ environment: asked, plan: { approvals: { expires_in: '1h' } } })?.expiresInMs).toBe(3_600_000);
  });

  it('takes the configuration’s word where it has none of its own', () => {
    const configuration = 'approvals: { quorum: 2, role: owner, expires_in: 1h }';
    const plan = { approvals: { quorum: 1, role: 'approver', expires_in: null } };
    expect(problems({ environment: asked, configuration, plan })).toEqual([
      'approvals.quorum: at least 2',
      'approvals.role: owner',
      'approvals.expires_in: at most 1 h',
    ]);
  });
});

describe('an environment that asks for none', () => {
  it('leaves it to the plan who approves what the plan itself wants approved', () => {
    const plan = { approvals: { role: 'friend', before_waves: [2] } };
    expect(policy({ plan })).toMatchObject({ role: 'friend' });
  });
});

describe('approvals of everything at once', () => {
  const configuration = 'approvals: { immediate: { quorum: 2 } }';
  const quorumOf = (plan: object, counted?: object) =>
    policy({ environment: asked, configuration, plan, ...(counted && { counted: counted as never }) })?.quorum;

  test.each([
    ['immediate', { strategy: 'immediate' }],
    ['immediate, to a part of the fleet', { strategy: 'immediate', rollout_percentage: 50 }],
    ['rolling in one batch', { strategy: 'rolling', batch_percentage: 100 }],
    ['a canary of all', { strategy: 'canary', canary_percentage: 100 }],
    ['one wave of all', { waves: [100] }],
    ['a first wave of all before one by name', { waves: [100, { devices: ['d1'] }] }],
  ])('are asked for, spelt as %s', (_how, plan) => {
    expect(quorumOf(plan)).toBe(2);
  });

  test.each([
    ['a canary', {}],
    ['a rolling update', { strategy: 'rolling' }],
    ['a canary of a part', { waves: [50] }],
  ])('are not asked for by %s', (_how, plan) => {
    expect(quorumOf(plan)).toBe(1);
  });

  const counted = (over: object) => ({ groups: [], devices: 20, alreadyCurrent: 0, ...over });
  test.each([
    ['a filter', { waves: [{ filter: 'true' }] }],
    ['a number', { waves: [{ count: 5_000 }, 100] }],
    ['a percentage that is rounded up to all', { waves: [99.9, 100] }],
  ])('are asked for once it is counted that %s takes every device', (_how, plan) => {
    expect(quorumOf(plan, counted({ waveDevices: [20] }))).toBe(2);
    expect(quorumOf(plan, counted({ waveDevices: [19, 1] }))).toBe(1);
    // Devices that the firmware does not fit are no part of "everything".
    expect(quorumOf(plan, counted({ misfits: 1, waveDevices: [19] }))).toBe(2);
  });

  it('are not asked for by a canary in a fleet of one device', () => {
    expect(quorumOf({}, counted({ devices: 1, waveDevices: [1, 0, 0] }))).toBe(1);
  });

  it('are a floor, too, where the plan says less for everything or in general', () => {
    const immediate = { quorum: 2, role: 'owner', expires_in: '1h' };
    const environment = { ...asked, approvals: { immediate } };
    const plan = (approvals: object) => ({ strategy: 'immediate', approvals });
    expect(problems({ environment, plan: plan({ immediate: { quorum: 1, role: 'friend' } }) })).toEqual([
      'approvals.immediate.quorum: at least 2',
      'approvals.immediate.role: owner',
    ]);
    expect(problems({ environment, plan: plan({ quorum: 1, expires_in: null }) })).toEqual([
      'approvals.quorum: at least 2',
      'approvals.expires_in: at most 1 h',
    ]);
    expect(problems({ environment, plan: plan({ quorum: 3 }) })).toEqual([]);
  });
});
