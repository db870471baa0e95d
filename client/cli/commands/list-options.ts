import { Option, type Command } from 'commander';
import type { RunWish } from '../../engine/runs/run-filter.ts';
import { listOfValues, wholeNumber } from './option-values.ts';

const MOST_LISTED = 1_000;

/** The kinds of plans, by which runs are told apart. */
const KINDS: readonly NonNullable<RunWish['kind']>[] = ['fleet-rollout', 'container-release', 'joint-release'];

/** What `deploy list` and `run list` can be narrowed by: both list the same rows. */
export const withRunFilters = (command: Command): Command =>
  command
    .option('--environment <name>', 'only runs in this environment')
    .option('--application <name>', 'only runs that deliver this application or firmware')
    .option('--phase <phases>', 'only runs in these phases, or that are open or closed; may be repeated', listOfValues)
    .addOption(new Option('--kind <kind>', 'only runs of this kind').choices(KINDS))
    .option('--since <time>', 'only runs started since then: 2h or 7d back from now, or an ISO time')
    .option('--until <time>', 'only runs started until then, in the same words')
    .option('--started-by <name>', 'only runs that this person started')
    .option('--limit <count>', 'at most so many', wholeNumber(1, MOST_LISTED), 20);

/** The filters of a wish as they are typed, `--phase open,failed`; the limit is none. */
export function filterWords({ limit: _limit, ...filters }: RunWish): string[] {
  return Object.entries(filters).map(([name, value]: [string, string | readonly string[] | undefined]) => {
    const flag = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    return `${flag} ${typeof value === 'string' ? value : (value ?? []).join()}`;
  });
}
