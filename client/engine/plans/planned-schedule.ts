import { settleSchedule } from '#domain/plan/settle-schedule.ts';
import type { PlanBase } from '#domain/plan/plan-base.ts';
import type { ScheduleSpec } from '#domain/windows/schedule.schema.ts';
import { refusal } from '../environments/read-document.ts';

interface Written {
  readonly spec: ScheduleSpec | undefined;
  /** Where it stands in the file. */
  readonly path: string;
}

/** The schedule as part of a plan; nothing where the file has none. Throws CONFIG_INVALID for a time that is over. */
export function plannedSchedule(
  { fileName, createdAt: now }: { readonly fileName: string; readonly createdAt: string },
  { spec, path }: Written,
): Pick<PlanBase, 'schedule'> {
  const settled = settleSchedule(spec, { path, now });
  if (settled.kind === 'settled') return settled.schedule;
  throw refusal([settled.problem], fileName);
}
