import { describe, expect, it } from 'vitest';
import { JointReleaseFile } from '#domain/joint-releases/joint-release-file.schema.ts';
import { jointReleaseRules, windowsOfStart, zoneOf } from '#domain/joint-releases/joint-release-rules.ts';
import { JointReleaseSpec } from '#domain/joint-releases/joint-release-spec.schema.ts';
import { passOn } from '#domain/joint-releases/pass-on.ts';
import { jointApproval } from '#domain/joint-releases/settle-joint-release.ts';
import { daily } from '../../support/windows/window-builder.ts';
import { approve } from '../../support/runs/plan-builder.ts';

const rulesOf = (spec: object) => jointReleaseRules(JointReleaseSpec.parse(spec));
const BERLIN = daily('20:00', '23:30', { timezone: 'Europe/Berlin', kind: 'allow' });
const DENIED = daily('12:00', '13:00', { timezone: 'Europe/Berlin', kind: 'deny' });

describe('the section release of the configuration', () => {
  it('is read as the specification writes it', () => {
    const written = {
      planning: { enabled: true, approval_required: true },
      scheduling: { enabled: true, maintenance_window: '22:00-23:00' },
      monitoring: { enabled: true, metrics: ['release_time', 'success_rate', 'rollback_rate'] },
    };
    expect(rulesOf(written)).toEqual({
      needsApproval: true,
      maintenance: { startTime: '22:00', endTime: '23:00', timezone: null },
    });
  });

  it('asks for nothing where its parts are not enabled, or not there', () => {
    const off = { planning: { enabled: false, approval_required: true } };
    const closed = { scheduling: { enabled: false, maintenance_window: '22:00-23:00' } };
    const nothing = { needsApproval: false, maintenance: null };
    expect(rulesOf({ ...off, ...closed })).toEqual(nothing);
    expect(jointReleaseRules(undefined)).toEqual(nothing);
  });

  it.each(['22:00', '22:00-22:00', '25:00-26:00', '22-23', ''])('refuses the maintenance window "%s"', (window) => {
    expect(JointReleaseSpec.safeParse({ scheduling: { maintenance_window: window } }).success).toBe(false);
  });
});

describe('the windows that hold the start of a release', () => {
  it('are those of its environment without a maintenance window', () => {
    expect(windowsOfStart([BERLIN, DENIED], rulesOf({}))).toEqual([BERLIN, DENIED]);
  });

  it('are the maintenance window on the environment’s clock, and what is denied', () => {
    const [maintenance, ...others] = windowsOfStart(
      [BERLIN, DENIED],
      rulesOf({ scheduling: { maintenance_window: '22:00-23:00' } }),
    );
    expect(maintenance).toMatchObject({ kind: 'allow', timezone: 'Europe/Berlin' });
    expect(maintenance?.hours).toMatchObject({ startTime: '22:00', endTime: '23:00' });
    expect(others).toEqual([DENIED]);
  });

  it('are on the clock that the section names, else of the environment, else UTC', () => {
    const section = { scheduling: { maintenance_window: '22:00-23:00', timezone: 'Asia/Kathmandu' } };
    expect(windowsOfStart([BERLIN], rulesOf(section))[0]?.timezone).toBe('Asia/Kathmandu');
    expect([zoneOf([BERLIN]), zoneOf([])]).toEqual(['Europe/Berlin', 'UTC']);
  });
});

describe('the approval of a release', () => {
  const policy = { quorum: 1, role: 'approver', expiresInMs: null };
  const asking = (over: object) => ({ steps: [{ ...approve(), policy: { ...policy, ...over } }] });

  it('is asked for by the section, or by a member', () => {
    expect(jointApproval([{ steps: [] }], { policy, isRequired: false })).toBeNull();
    expect(jointApproval([{ steps: [] }], { policy, isRequired: true })).toEqual(policy);
    expect(jointApproval([{ steps: [] }, asking({})], { policy, isRequired: false })).toEqual(policy);
  });

  it('is as strict as the strictest of its members', () => {
    const members = [asking({ quorum: 2 }), asking({ expiresInMs: 5 }), asking({ expiresInMs: 9 })];
    expect(jointApproval(members, { policy, isRequired: true })).toEqual({ ...policy, quorum: 2, expiresInMs: 5 });
  });

  it('counts for a member under its own digest; a rejection is no approval', () => {
    const given = {
      commandId: 'c',
      by: 'ada',
      via: 'cli',
      roles: ['approver'],
      verified: false,
      comment: '',
      at: 'then',
    };
    const both = [
      { ...given, decision: 'approve', digest: 'of the release' },
      { ...given, decision: 'reject', digest: null },
    ] as const;
    const passed = passOn(both, { member: { digest: 'of the member' }, release: 'v1', at: 'now' });
    expect(passed).toEqual([
      { ...given, decision: 'approve', digest: 'of the member', comment: 'with release v1, at then', at: 'now' },
    ]);
  });
});

describe('the file of a release', () => {
  const file = { name: 'v1.2.3', applications: [{ name: 'api', version: '1.2.3' }] };
  const wrong = (over: object) => JointReleaseFile.safeParse({ ...file, ...over }).error?.issues ?? [];

  it('is read as the specification writes it', () => {
    const schedule = { start_time: '2024-03-20T22:00:00Z', duration: '1h' };
    expect(JointReleaseFile.parse({ ...file, schedule })).toMatchObject({ name: 'v1.2.3', notes: '' });
  });

  it('refuses an application twice, none at all, and a schedule of a member', () => {
    const [api] = file.applications;
    expect(wrong({ applications: [api, api] })[0]?.message).toBe('each application once');
    expect(wrong({ applications: [] })[0]?.message).toBe('at least one application');
    const schedule = { start_time: '2024-03-20T22:00:00Z' };
    const own = wrong({ applications: [{ ...api, config: { schedule } }] })[0];
    expect(own?.path).toEqual(['applications', 0, 'config', 'schedule']);
    expect(own?.message).toMatch(/^no schedule of its own/);
  });
});
