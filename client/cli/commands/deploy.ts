import type { Command } from 'commander';
import type { PlainCommand } from '../../engine/runs/command-run.ts';
import type { RegisterCommands } from '../context.ts';
import { wholeNumber } from './option-values.ts';
import { listRuns, MOST_LISTED } from './run.ts';

interface RunOptions {
  readonly executionId: string;
  readonly reason?: string;
}

const COMMANDS: readonly { verb: string; name: PlainCommand; about: string }[] = [
  { verb: 'pause', name: 'pauseRun', about: 'stop releasing; devices in progress finish' },
  { verb: 'resume', name: 'resumeRun', about: 'go on after a pause' },
  { verb: 'cancel', name: 'cancelRun', about: 'stop, and leave what is installed' },
  { verb: 'rollback', name: 'rollBackRun', about: 'stop, and take every device back to its own previous firmware' },
];

/** `deploy execute|status|pause|resume|cancel|rollback|list`. */
export const registerDeployCommands: RegisterCommands = (program, context) => {
  const deploy = program.command('deploy').description('runs of plans: start them, follow them, take them back');
  deploy
    .command('execute')
    .description('start a run of a plan')
    .requiredOption('--plan-id <id>', 'the plan: plan_…')
    .option('--watch', 'follow the run to its end; exit code 7 when it does not complete')
    .option('--reason <reason>', 'stands in the journal')
    .action(async (options: { planId: string; watch?: boolean; reason?: string }, command: Command) =>
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
  deploy
    .command('list')
    .description('list deployments, the latest first')
    .option('--environment <name>', 'only those to this environment')
    .option('--phase <phase>', 'only those in this phase')
    .option('--limit <count>', 'at most so many', wholeNumber(1, MOST_LISTED), 20)
    .action(async (options: { limit: number }, command: Command) => listRuns(context(command), options, 'deployments'));
};

const withRun = (command: Command): Command =>
  command.requiredOption('--execution-id <id>', 'the run: exe_… or fleet-rollout/exe_…');
