import { condition } from '@temporalio/workflow';
import { approvalOf, tally } from '#domain/approvals/approval.ts';
import { nextReminderAt } from '#domain/approvals/reminders.ts';
import { counted } from '#domain/counted.ts';
import { formatDuration } from '#domain/time.ts';
import { msUntil, now } from '../../runtime/clock.ts';
import type { RunRecord } from '../../runtime/run-record.ts';

/**
 * Reminds people as long as reminders are left and they have not decided; true when they have. Cut short by a pause it goes on
 * where it was: what fell due meanwhile is said once.
 */
export async function remindUntilDecided(record: RunRecord, isDecided: () => boolean): Promise<boolean> {
  const rules = record.input.reminders ?? null;
  for (let waiting = record.waiting; waiting !== null; waiting = record.waiting) {
    const { expiresAt, opens } = waiting;
    const dueAt = nextReminderAt(waiting, rules);
    if (dueAt === null || (expiresAt !== null && dueAt >= expiresAt)) return isDecided();
    const leftMs = msUntil(dueAt);
    const summary = `${approvalOf(opens)}: until people are reminded`;
    if (leftMs > 0) await condition(isDecided, leftMs, { summary });
    // Also when the decision came in the same moment as the reminder.
    if (isDecided()) return true;
    remind(record);
  }
  return isDecided();
}

function remind(record: RunRecord): void {
  const { waiting } = record;
  if (!waiting) return;
  const { gate, opens, policy, since, expiresAt, decisions } = waiting;
  const at = now();
  const times = (waiting.reminded?.times ?? 0) + 1;
  record.waiting = { ...waiting, reminded: { times, lastAt: at } };
  const state = tally(policy, decisions);
  const missing = state.kind === 'waiting' ? state.missing : 0;
  const waitsMs = Date.parse(at) - Date.parse(since);
  const command = `sluice approve ${record.input.run}`;
  const summary = `${approvalOf(opens)}: waits for ${formatDuration(waitsMs)} for ${counted(missing, 'approval')} of role ${policy.role} · ${command}`;
  const data = {
    gate,
    times,
    of: record.input.reminders?.most,
    role: policy.role,
    missing,
    since,
    waitsMs,
    expiresAt,
    command,
  };
  record.journal.record('gate-reminder', summary, data);
  record.show();
}
