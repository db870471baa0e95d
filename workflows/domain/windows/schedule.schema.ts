import type { z } from 'zod';
import { duration, section, text } from '../environments/fields.schema.ts';
import { INSTANT_EXPECTED, readInstant } from './start-time.ts';

/** When a plan's runs begin, in the file of the plan. */
export const ScheduleSpec = section({
  start_time: text('a time')
    .refine((time) => readInstant(time) !== null, { error: INSTANT_EXPECTED })
    .describe('Before it nothing begins to change; gates and approvals come at once'),
  duration: duration().optional().describe('After it nothing further begins without asking; default: never too late'),
});
export type ScheduleSpec = z.output<typeof ScheduleSpec>;
