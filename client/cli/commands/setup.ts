import type { Command } from 'commander';
import type { RegisterCommands } from '../context.ts';

/** `setup`: what npm does not bring. */
export const registerSetUpCommand: RegisterCommands = (program, context) => {
  program
    .command('setup')
    .description(
      'bring what npm does not: Temporal, mosquitto, HAProxy, Docker Engine (says first what apt-get installs)',
    )
    .option('--dry-run', 'only say what would be installed')
    .action(async (options: { dryRun?: boolean }, command: Command) =>
      (await import('./setup-action.ts')).setUp(context(command), options.dryRun === true),
    );
};
