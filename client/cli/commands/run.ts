import type { Command } from 'commander';
import type { RunWish } from '../../engine/runs/run-filter.ts';
import type { RegisterCommands } from '../context.ts';
import { withRunFilters } from './list-options.ts';
import { listOfValues, wholeNumber } from './option-values.ts';

const MOST_DEVICES = 100_000;

/** `run list|show|watch|diff|events|devices|evidence|override|report`: runs of every kind, as seen from outside. */
export const registerRunCommands: RegisterCommands = (program, context) => {
  const run = program.command('run').description('runs of every kind: what they do, why, and what comes next');
  withRunFilters(run.command('list').description('list runs, the latest first')).action(
    async (wish: RunWish, command: Command) => (await actions()).listRuns(context(command), wish, 'runs'),
  );
  run
    .command('show')
    .description('what a run is doing, why, what comes next, and what you can do')
    .argument('<run>', 'exe_… or its workflow id')
    .action(async (text: string, _options, command: Command) => (await actions()).showRun(context(command), text));
  run
    .command('watch')
    .description('follow a run to its end; exit code 7 when it does not complete')
    .argument('<run>', 'exe_… or its workflow id')
    .action(async (text: string, _options, command: Command) =>
      (await import('./watch-action.ts')).watch(context(command), text),
    );
  run
    .command('diff')
    .description('hold two runs against each other: plan, versions, configuration, durations and results')
    .argument('<first>', 'exe_… or its workflow id; its lines begin with -')
    .argument('<second>', 'exe_… or its workflow id; its lines begin with +')
    .action(async (first: string, second: string, _options, command: Command) =>
      (await import('./diff-action.ts')).diff(context(command), first, second),
    );
  addDetails(run, context);
  addReport(run, context);
  run
    .command('override')
    .description('let a run pass a gate that failed or cannot be evaluated, or a policy rule that denies its next step')
    .argument('<run>', 'exe_… or its workflow id')
    .requiredOption('--gate <gate>', 'the gate to pass; of a rule policy-NAME')
    .requiredOption('--reason <reason>', 'stands in the journal')
    .action(async (text: string, options: { gate: string; reason: string }, command: Command) =>
      (await import('./command-action.ts')).override(context(command), { run: text, ...options }),
    );
};

/** What people noticed of the version that a run brings. */
function addReport(run: Command, context: Parameters<RegisterCommands>[1]): void {
  run
    .command('report')
    .description('report an issue with the version that a run brings; enough of them take it back, if its plan says so')
    .argument('<run>', 'exe_… or its workflow id')
    .requiredOption('--summary <text>', 'what is wrong, in one line')
    .action(async (text: string, { summary }: { summary: string }, command: Command) =>
      (await import('./report-action.ts')).report(context(command), { run: text, summary }),
    );
}

/** What stands behind the counts of a run. */
function addDetails(run: Command, context: Parameters<RegisterCommands>[1]): void {
  run
    .command('events')
    .description('the journal of a run')
    .argument('<run>', 'exe_… or its workflow id')
    .option('--follow', 'go on until the run is closed; one JSON event a line with --output json and in a pipe')
    .action(async (text: string, options: { follow?: boolean }, command: Command) => {
      const { printEvents, followEvents } = await actions();
      await (options.follow === true ? followEvents : printEvents)(context(command), text);
    });
  run
    .command('devices')
    .description('the devices of a run one by one: how far each came, and why not further')
    .argument('<run>', 'exe_… or its workflow id')
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
    .argument('<run>', 'exe_… or its workflow id')
    .action(async (text: string, _options, command: Command) => (await actions()).showEvidence(context(command), text));
}

const actions = () => import('./run-actions.ts');
