import type { Command } from 'commander';
import type { RegisterCommands } from '../context.ts';
import type { PromoteOptions } from './promote-action.ts';

/** `promote`: what passed in one environment goes to the next one, byte for byte. */
export const registerPromotionCommand: RegisterCommands = (program, context) => {
  program
    .command('promote')
    .description('bring what completed in one environment into another: exactly the same image or firmware')
    .requiredOption('--from <environment>', 'where it was tried')
    .requiredOption('--to <environment>', 'where it goes, with the strategy, gates and approvals of that environment')
    .option('--application <name>', 'the application (or the firmware); default all that differ')
    .option('--version <version>', 'the version; default the one in use there')
    .option('--reason <reason>', 'stands in the journal')
    .option('--plan-only', 'make the plan and start nothing')
    .option('--watch', 'follow the run to its end; exit code 7 when it does not complete')
    .option('--allow-no-way-back', 'go on although some devices could not be taken back (needs --reason)')
    .action(async (options: PromoteOptions, command: Command) =>
      (await import('./promote-action.ts')).promoteVersions(context(command), options),
    );
};
