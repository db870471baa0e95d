import type { Command } from 'commander';
import type { CliContext, RegisterCommands } from '../context.ts';
import { listOfValues, wholeNumber } from './option-values.ts';

export const MOST_LISTED = 1_000;
const MOST_DEVICES = 100_000;

interface ListOptions {
  readonly environment?: string;
  readonly phase?: string;
  readonly limit: number;
}

/** `run list|show|watch|events|devices|evidence|override`: runs of every kind, as seen from outside. */
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
  addDetails(run, context);
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

/** What stands behind the counts of a run. */
function addDetails(run: Command, context: Parameters<RegisterCommands>[1]): void {
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
    .command('devices')
    .description('the devices of a run one by one: how far each came, and why not further')
    .argument('<run>', 'exe_… or fleet-rollout/exe_…')
    .option(
      '--state <states>',
      'only those: waiting, queued, in-progress, succeeded, skipped, failed (timed-out and rejected as well), timed-out, rejected, canceled; on their way back returning, returned, left',
      listOfValues,
    )
    .option('--limit <count>', 'at most so many', wholeNumber(1, MOST_DEVICES), 100)
    .action(async (text: string, options: { state?: readonly string[]; limit: number }, command: Command) =>
      (await actions()).showDevices(context(command), text, options),
    );
  run
    .command('evidence')
    .description('what was seen of each thing that went wrong in a run')
    .argument('<run>', 'exe_… or fleet-rollout/exe_…')
    .action(async (text: string, _options, command: Command) => (await actions()).showEvidence(context(command), text));
}

const actions = () => import('./run-actions.ts');

/** Shared with `deploy list`, which names the same rows `deployments`. */
export async function listRuns(context: CliContext, options: ListOptions, key: string): Promise<void> {
  await (await actions()).listRuns(context, options, key);
}
