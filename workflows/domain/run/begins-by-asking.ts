import type { RunInput } from './run-input.ts';

/** True for a run whose first word is the approval that it waits for: nothing comes between its start and that. */
export const beginsByAsking = ({ plan, startTold, asksPolicy }: RunInput): boolean =>
  startTold === 'once' && asksPolicy !== true && plan.steps[0]?.kind === 'approve';
