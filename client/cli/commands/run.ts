import type { Command } from 'commander';
import type { CliContext, RegisterCommands } from '../context.ts';
import { wholeNumber } from './option-values.ts';

export const MOST_LISTED = 1_000;

interface ListOptions {
  readonly environment?: string;
  readonly phase?: string;
  readonly limit: number;
}

/** `run list|show|watch|events|override`: runs of every kind, as seen from outside. */
export const registerRunCommands: RegisterCommands = (program, context) => {
  const run = program.command('run').description('runs of every kind: what they do, why, and what comes next');
  run
    .command('list')
    .description('list runs, the latest first')
    .option('--environment <name>', 'only runs of this environment')
    .option('--phase <phase>', 'only runs in this phase')
    .option('--limit <count>', 'at most so many', wholeNumber(1, MOST_LISTED), 20)
    .action(async (options: ListOptions, command: Command) => listRuns(context(command), options, 'runs'));
  run
    .command('show')
    .description('what a run is doing, why, what comes next, and what you can do')
    .argument('<run>', 'exe_… or fleet-rollout/exe_…')
    .action(async (text: string, _options, command: Command) => (await actions()).showRun(context(command), text));
  run
    .command('watch')
    .description('follow a run to its end; exit code 7 when it does not complete')
    .argument('<run>', 'exe_… or fleet-rollout/exe_…')
    .action(async (text: string, _options, command: Command) =>
      (await import('./watch-action.ts')).watch(context(command), text),
    );
  run
    .command('events')
    .description('the journal of a run')
    .argument('<run>', 'exe_… or fleet-rollout/exe_…')
    .option('--follow', 'go on until the run is closed; one JSON event a line with --output json and in a pipe')
    .action(async (text: string, options: { follow?: boolean }, command: Command) => {
      const { printEvents, followEvents } = await actions();
      await (options.follow === true ? followEvents : printEvents)(context(command), text);
    });
  run
    .command('override')
    .description('let a run pass a gate that failed or cannot be evaluated')
    .argument('<run>', 'exe_… or fleet-rollout/exe_…')
    .requiredOption('--gate <gate>', 'the gate to pass')
    .requiredOption('--reason <reason>', 'stands in the journal')
    .action(async (text: string, options: { gate: string; reason: string }, command: Command) =>
      (await import('./command-action.ts')).override(context(command), { run: text, ...options }),
    );
};

const actions = () => import('./run-actions.ts');

/** Shared with `deploy list`, which names the same rows `deployments`. */
export async function listRuns(context: CliContext, options: ListOptions, key: string): Promise<void> {
  await (await actions()).listRuns(context, options, key);
}
