import { describe, expect, it } from 'vitest';
import { tally, type ApprovalDecision } from '#domain/approvals/approval.ts';
import { refuseDecision } from '#domain/approvals/refuse-decision.ts';

const policy = { quorum: 2, role: 'approver', expiresInMs: null };
const context = { run: 'exe_1', digest: 'd1', author: 'lin', policy, decided: [] };
const by = (name: string, over: Partial<ApprovalDecision> = {}): ApprovalDecision => ({
  commandId: name,
  by: name,
  via: 'cli',
  roles: ['approver'],
  verified: false,
  decision: 'approve',
  digest: 'd1',
  comment: '',
  at: '2026-01-01T00:00:00.000Z',
  ...over,
});

describe('a decision', () => {
  it.each([
    ['of a person with the role', by('ada'), undefined],
    ['without a digest', by('ada', { digest: null }), undefined],
    ['for another digest', by('ada', { digest: 'd2' }), 'APPROVAL_DIGEST_MISMATCH'],
    ['of the author', by('lin'), 'APPROVAL_BY_AUTHOR'],
    ['without the role', by('ada', { roles: ['viewer'] }), 'APPROVAL_ROLE_MISSING'],
  ])('%s is answered %#', (_what, decision, code) => {
    expect(refuseDecision(decision, context)?.code).toBe(code);
  });

  it('of somebody who decided already names when', () => {
    const refused = refuseDecision(by('ada'), { ...context, decided: [by('ada', { at: '2026-02-02T00:00:00.000Z' })] });
    expect(refused).toMatchObject({
      code: 'APPROVAL_ALREADY_GIVEN',
      message: expect.stringContaining('2026-02-02') as string,
    });
  });
});

describe('the tally', () => {
  it('counts people, not decisions', () => {
    expect(tally(policy, [by('ada'), by('ada')])).toEqual({ kind: 'waiting', missing: 1 });
    expect(tally(policy, [by('ada'), by('grace')])).toEqual({ kind: 'approved', by: ['ada', 'grace'] });
  });

  it('counts approvals only: a word that is neither is none', () => {
    const odd = by('grace', { decision: 'rejected' as never });
    expect(tally(policy, [by('ada'), odd])).toEqual({ kind: 'waiting', missing: 1 });
  });

  it('ends with the first rejection, whatever the quorum', () => {
    const no = by('grace', { decision: 'reject', comment: 'no' });
    expect(tally(policy, [by('ada'), no])).toEqual({ kind: 'rejected', by: 'grace', comment: 'no' });
  });
});
