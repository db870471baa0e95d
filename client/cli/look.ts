import type { CliContext } from './context.ts';
import type { Look } from './render/run.ts';

const NARROW = 80;

/** How this terminal wants to be written to, now and on its own clock. */
export function lookOf(context: CliContext): Look {
  return {
    colour: context.colour,
    width: context.interactive ? process.stdout.columns || NARROW : NARROW,
    clock: { now: new Date().toISOString(), timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone },
  };
}
