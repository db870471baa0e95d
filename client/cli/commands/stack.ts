import type { Command } from 'commander';
import type { RegisterCommands } from '../context.ts';

/** `up`, `down`, `status`, `doctor` and `db migrate`: the installation itself. */
export const registerStackCommands: RegisterCommands = (program, context) => {
  program
    .command('up')
    .description('run everything on this machine until Ctrl-C: Temporal, PostgreSQL, mosquitto, worker, gateway, HTTP')
    .option(
      '--with-docker',
      'also a Docker Engine and an image registry of its own (needs root; containers end with it)',
    )
    .action(async (options: { withDocker?: boolean }, command: Command) => {
      const { logLevel } = command.optsWithGlobals<{ logLevel?: string }>();
      await (
        await import('./stack-actions.ts')
      ).up(context(command), { logLevel, withDocker: options.withDocker === true });
    });
  program
    .command('down')
    .description('stop what sluice up runs, and what a killed one left')
    .action(async (_options: object, command: Command) => (await import('./stack-actions.ts')).down(context(command)));
  program
    .command('status')
    .description('say how every part is; exit code 0 only when all are well')
    .action(async (_options: object, command: Command) =>
      (await import('./stack-actions.ts')).status(context(command)),
    );
  program
    .command('doctor')
    .description('list each part with its version, its state and the command that mends it')
    .action(async (_options: object, command: Command) =>
      (await import('./stack-actions.ts')).doctor(context(command)),
    );
  const database = program.command('db').description('the database of Sluice');
  database
    .command('migrate')
    .description("bring the database to this version's schema (sluice up does it by itself)")
    .action(async (_options: object, command: Command) =>
      (await import('./stack-actions.ts')).migrateDatabase(context(command)),
    );
};
