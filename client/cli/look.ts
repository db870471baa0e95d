import type { CliContext } from './context.ts';
import type { Look } from './render/run.ts';

const NARROW = 80;

/** How this terminal wants to be written to, now and on its own clock. */
export function lookOf({ colour, interactive }: Pick<CliContext, 'colour' | 'interactive'>): Look {
  const columns = process.stdout.columns || NARROW;
  return {
    colour,
    width: interactive ? columns : NARROW,
    listWidth: interactive ? columns : Infinity,
    rows: Infinity,
    clock: { now: new Date().toISOString(), timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone },
  };
}

/** The same where everything has to be seen at once, because it is drawn again and again. */
export const lookAtOnce = (context: Pick<CliContext, 'colour' | 'interactive'>): Look => ({
  ...lookOf(context),
  rows: process.stdout.rows - 1,
});
