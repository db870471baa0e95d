// What any Temporal application pays for an update: the least that a workflow can do with one.
import { condition, defineUpdate, setHandler } from '@temporalio/workflow';

export const BARE_QUEUE = 'bench-bare';
export const touch = defineUpdate<number>('touch');

/** Counts its updates and never ends. */
export async function bare(): Promise<void> {
  let touched = 0;
  setHandler(touch, () => (touched += 1));
  await condition(() => false);
}
