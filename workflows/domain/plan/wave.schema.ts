import { z } from 'zod';
import { listOf, percent, section, text, whole } from '../environments/fields.schema.ts';
import { isThingName } from '../ids.ts';
import type { WaveSelection } from './plan.ts';

const MOST_NAMED_DEVICES = 1_000;
const MOST_WAVES = 100;

const things = listOf(
  'thing names',
  text('a thing name').refine(isThingName, { error: 'a thing name of 1 to 128 characters A-Z a-z 0-9 : _ -' }),
)
  .min(1, { error: 'at least one device' })
  .max(MOST_NAMED_DEVICES, { error: `at most ${MOST_NAMED_DEVICES} devices (use a filter for more)` });

const wave = z.union(
  [
    percent(0.01),
    section({
      percent: percent(0.01).optional(),
      count: whole(1).optional(),
      filter: text('a CEL expression')
        .max(2_000, { error: 'a CEL expression of at most 2000 characters (save a group for more)' })
        .optional(),
      devices: things.optional(),
    }),
  ],
  { error: 'a cumulative percentage, or one of percent, count, filter, devices' },
);

const selection = wave.transform((given, context): WaveSelection => {
  if (typeof given === 'number') return { kind: 'percent', percent: given };
  const choices: WaveSelection[] = [
    ...(given.percent === undefined ? [] : [{ kind: 'percent', percent: given.percent } as const]),
    ...(given.count === undefined ? [] : [{ kind: 'count', count: given.count } as const]),
    ...(given.filter === undefined ? [] : [{ kind: 'filter', filter: given.filter } as const]),
    ...(given.devices === undefined ? [] : [{ kind: 'devices', things: [...new Set(given.devices)] } as const]),
  ];
  const [only, ...others] = choices;
  if (only !== undefined && others.length === 0) return only;
  context.addIssue({ code: 'custom', message: 'exactly one of percent, count, filter, devices' });
  return z.NEVER;
});

/** Waves in order; percentages are cumulative, so each must be above the one before it. */
export const WavesSpec = listOf('waves', selection)
  .min(1, { error: 'at least one wave' })
  .max(MOST_WAVES, { error: `at most ${MOST_WAVES} waves` })
  .superRefine((waves, context) => {
    let before = 0;
    for (const [index, one] of waves.entries()) {
      if (one.kind !== 'percent') continue;
      const message = `a percentage above ${before} (percentages are cumulative)`;
      if (one.percent <= before) context.addIssue({ code: 'custom', path: [index], message });
      before = one.percent;
    }
  });
