import { addMs, type Iso } from '../time.ts';

/** When people who are asked and do not answer are reminded. */
export interface ReminderRules {
  /** After the question, and after each reminder. */
  readonly afterMs: number;
  /** A run that waits for a year is no reason for a year of reminders. */
  readonly most: number;
}

/** What was said so far of one question. */
export interface Reminded {
  readonly times: number;
  readonly lastAt: Iso;
}

const DEFAULT_AFTER_MS = 24 * 3_600_000;
const MOST = 10;

/** What somebody wrote, nearest first: `null` asks for none, `undefined` says nothing. Null: nobody is reminded. */
export function reminderRules(written: readonly (number | null | undefined)[]): ReminderRules | null {
  const said = written.find((one) => one !== undefined);
  return said === null ? null : { afterMs: said ?? DEFAULT_AFTER_MS, most: MOST };
}

/** When the next reminder of a question is due that was asked at `since`; null when there will be none. */
export function nextReminderAt(
  { since, reminded }: { readonly since: Iso; readonly reminded?: Reminded },
  rules: ReminderRules | null,
): Iso | null {
  if (rules === null || (reminded?.times ?? 0) >= rules.most) return null;
  return addMs(reminded?.lastAt ?? since, rules.afterMs);
}
