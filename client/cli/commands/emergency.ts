import type { Command } from 'commander';
import type { CliContext } from '../context.ts';
import type { RollbackOptions } from './emergency-actions.ts';

/** `env rollback`, `env rollback-report`. */
export function addEmergencyCommands(env: Command, context: (command: Command) => CliContext): void {
  env
    .command('rollback')
    .description('emergency: stop every run of an environment and take all its applications back')
    .argument('<name>', 'the environment')
    .requiredOption('--reason <text>', 'why; it stands in every journal')
    .option(
      '--to <time>',
      'to what was in use then: 2h or 7d back from now, or an ISO time; default the release before',
    )
    .option('--dry-run', 'only show what it would do')
    .option('--yes', 'do not ask')
    .option('--watch', 'follow it to its end; exit code 7 when something is left')
    .action(async (name: string, options: RollbackOptions, command: Command) =>
      (await actions()).rollBackEnvironment(context(command), name, options),
    );
  env
    .command('rollback-report')
    .description('the report on the rollback of an environment, or how it stands')
    .argument('<name>', 'emg_…, or the environment: its latest')
    .option('--watch', 'follow it to its end; exit code 7 when something is left')
    .action(async (text: string, { watch = false }: { watch?: boolean }, command: Command) =>
      (await actions()).showReport(context(command), text, watch),
    );
}

const actions = () => import('./emergency-actions.ts');
