import { counted } from '#domain/counted.ts';
import { scaleApplication } from '../../engine/releases/scale-application.ts';
import type { Direction } from '../../engine/releases/scaling-rules.ts';
import { watch } from '../commands/watch-action.ts';
import type { CliContext } from '../context.ts';
import { inMilkWords } from './in-milk-words.ts';
import type { ScaleOptions } from './options.ts';
import { readToChange } from './read-milk-file.ts';

/** More or fewer instances of what is in use; the exit code is that of the run. */
export async function scale(
  context: CliContext,
  direction: Direction,
  { config, count, reason }: ScaleOptions,
): Promise<void> {
  const wish = await readToChange(context, config);
  const { application, environment, limits } = wish;
  await inMilkWords(wish, async () => {
    const change = { application, environment, direction, count, limits, reason, person: await context.person() };
    const { started, version, from, to } = await scaleApplication(context.deps(), change);
    for (const note of started.notes) context.note(`note: ${note}`);
    const what = `${application} ${version} from ${from} to ${counted(to, 'instance')} in ${environment}`;
    context.note(`started ${started.run}: ${what}   ·   Ctrl-C leaves it alone`);
    await watch(context, started.run);
  });
}
