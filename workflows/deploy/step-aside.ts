import type { RunContext } from './run-context.ts';

/** Lets others go first while this run waits: all the way before its first effect, else it keeps what it changes. */
export const stepAside = (run: RunContext): Promise<void> => run.place.stepAside(hasBegun(run));

/** True when the run may have changed something. */
export const hasBegun = ({ place, compensations, watch }: RunContext): boolean =>
  place.hasActed || !compensations.isEmpty || watch.isOn;
