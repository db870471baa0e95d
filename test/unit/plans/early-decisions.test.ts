import { expect, it, test } from 'vitest';
import type { ApprovalDecision } from '#domain/approvals/approval.ts';
import { judgeDecisions, standing } from '#domain/plan/early-decisions.ts';

const NOW = '2026-03-02T12:00:00.000Z';
const given = (by: string, at: string): ApprovalDecision => ({
  commandId: by,
  by,
  via: 'cli',
  roles: ['approver'],
  verified: false,
  decision: 'approve',
  digest: 'd',
  comment: '',
  at,
});
const judge = (
  decision: ApprovalDecision,
  over: { expiresInMs?: number; people?: Record<string, { roles: string[] }> } = {},
) =>
  judgeDecisions([decision], {
    policy: { quorum: 1, role: 'approver', expiresInMs: over.expiresInMs ?? null },
    people: over.people ?? { ada: { roles: ['approver', 'owner'] } },
    now: NOW,
  });

it('an early decision counts with the roles that the person has now', () => {
  const judged = judge(given('ada', '2020-01-01T00:00:00.000Z'));
  expect(judged).toMatchObject([{ lapsed: null }]);
  expect(standing(judged)).toMatchObject([{ by: 'ada', roles: ['approver', 'owner'] }]);
});

test.each([
  ['lost the role', { ada: { roles: ['reader'] } }, 'ada'],
  ['is not named any more', {}, 'ada'],
  ['was never named but has an inherited member’s name', {}, 'constructor'],
])('it lapses when the person %s', (_what, people, by) => {
  const judged = judge(given(by, NOW), { people });
  expect(judged).toMatchObject([{ lapsed: `${by} does not have the role approver any more` }]);
  expect(standing(judged)).toEqual([]);
});

test.each([
  ['2026-03-02T11:00:00.001Z', null],
  ['2026-03-02T11:00:00.000Z', 'it was given more than 1 h ago'],
])('given at %s with an hour to decide: %s', (at, lapsed) => {
  expect(judge(given('ada', at), { expiresInMs: 3_600_000 })).toMatchObject([{ lapsed }]);
});
