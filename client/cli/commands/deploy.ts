import type { Command } from 'commander';
import type { PlainCommand } from '../../engine/runs/command-run.ts';
import type { RunWish } from '../../engine/runs/run-filter.ts';
import type { RegisterCommands } from '../context.ts';
import { withRunFilters } from './list-options.ts';
import type { ExecuteOptions } from './execute-action.ts';
import type { RollbackOptions } from './rollback-action.ts';

interface RunOptions {
  readonly executionId: string;
  readonly reason?: string;
}

const COMMANDS: readonly { verb: string; name: PlainCommand; about: string }[] = [
  { verb: 'pause', name: 'pauseRun', about: 'stop releasing; devices in progress finish' },
  { verb: 'resume', name: 'resumeRun', about: 'go on after a pause' },
  { verb: 'cancel', name: 'cancelRun', about: 'stop, and leave what is installed' },
];

/** `deploy execute|status|pause|resume|cancel|start-now|rollback|list`. */
export const registerDeployCommands: RegisterCommands = (program, context) => {
  const deploy = program.command('deploy').description('runs of plans: start them, follow them, take them back');
  deploy
    .command('execute')
    .description('start a run of a plan')
    .requiredOption('--plan-id <id>', 'the plan: plan_…')
    .option('--watch', 'follow the run to its end; exit code 7 when it does not complete')
    .option('--at <time>', 'when it begins: 2026-03-20T22:00:00Z, or 22:30 on the clock of the environment’s windows')
    .option('--override-freeze', 'begin although the environment is frozen; needs a reason')
    .option('--reason <reason>', 'stands in the journal')
    .action(async (options: ExecuteOptions, command: Command) =>
      (await import('./execute-action.ts')).execute(context(command), options),
    );
  withRun(deploy.command('status').description('how a run stands, with live counts')).action(
    async ({ executionId }: RunOptions, command: Command) =>
      (await import('./run-actions.ts')).showStatus(context(command), executionId),
  );
  for (const { verb, name, about } of COMMANDS) {
    withRun(deploy.command(verb).description(about))
      .option('--reason <reason>', 'stands in the journal')
      .action(async ({ executionId, reason }: RunOptions, command: Command) =>
        (await import('./command-action.ts')).command(context(command), name, { run: executionId, reason }),
      );
  }
  addStartNow(deploy, context);
  addRollback(deploy, context);
  withRunFilters(deploy.command('list').description('list deployments, the latest first')).action(
    async (wish: RunWish, command: Command) =>
      (await import('./run-actions.ts')).listRuns(context(command), wish, 'deployments'),
  );
};

/** The one command that overrides a window, and a freeze for a run that waits already. */
function addStartNow(deploy: Command, context: Parameters<RegisterCommands>[1]): void {
  deploy
    .command('start-now')
    .description('let a run go on that waits for its window, its time or the end of a freeze')
    .argument('<run>', 'exe_… or its workflow id')
    .requiredOption('--reason <reason>', 'stands in the journal')
    .action(async (run: string, { reason }: { reason: string }, command: Command) =>
      (await import('./command-action.ts')).startNow(context(command), { run, reason }),
    );
}

/** Of a run, or of an application that no run is changing. */
function addRollback(deploy: Command, context: Parameters<RegisterCommands>[1]): void {
  deploy
    .command('rollback')
    .description('take a run back, or an application to one of its last stable releases')
    .option('--execution-id <id>', 'the run: exe_… or its workflow id')
    .option('--application <name>', 'the application, with --environment')
    .option('--environment <name>', 'where')
    .option('--to <version>', 'the version or number of a release; default the one before')
    .option('--reason <reason>', 'stands in the journal; needed with --application')
    .option('--watch', 'follow the run to its end; exit code 7 when it does not complete')
    .action(async (options: RollbackOptions, command: Command) =>
      (await import('./rollback-action.ts')).rollBack(context(command), options),
    );
}

const withRun = (command: Command): Command =>
  command.requiredOption('--execution-id <id>', 'the run: exe_… or its workflow id');
