import { reminderRules } from '#domain/approvals/reminders.ts';
import type { Plan } from '#domain/plan/plan.ts';
import type { RunInput } from '#domain/run/run-input.ts';
import type { EngineDeps } from '../engine.ts';
import { loadConfiguration } from '../environments/load-configuration.ts';
import { environmentNamed } from '../environments/load-environment.ts';
import { patientRead } from '../patient-read.ts';
import { asksPeople } from '../plans/plan-notes.ts';

/** When a run of the plan reminds those whom it asks, by the rules of its environment as they are now. Throws ENVIRONMENT_UNKNOWN. */
export async function remindersOf(deps: EngineDeps, plan: Plan): Promise<Pick<RunInput, 'reminders'>> {
  if (!plan.steps.some(asksPeople)) return {};
  const whole = await patientRead(deps, loadConfiguration);
  const { approvals } = environmentNamed(whole, plan.environment.name);
  const rules = reminderRules([approvals?.remind_after, whole.configuration.approvals?.remind_after]);
  return rules === null ? {} : { reminders: rules };
}
