import type { Command } from 'commander';
import type { RegisterCommands } from '../context.ts';
import { wholeNumber } from './option-values.ts';

const MOST_LINES = 10_000;

interface PlaceOptions {
  readonly environment?: string;
}

interface LogOptions extends PlaceOptions {
  readonly instance?: string;
  readonly lines: number;
  readonly follow?: boolean;
}

/** `app apply|list|show|instances|logs`. */
export const registerApplicationCommands: RegisterCommands = (program, context) => {
  const app = program.command('app').description('applications: what runs as containers, and what of it is in use');
  app
    .command('apply')
    .description('store applications, merged by name; nothing is deployed')
    .requiredOption('-f, --file <file>', 'the applications, YAML or JSON')
    .action(async ({ file }: { file: string }, command: Command) => (await actions()).apply(context(command), file));
  app
    .command('list')
    .description('list the applications and what of them is in use')
    .action(async (_options: object, command: Command) => (await actions()).list(context(command)));
  inPlace(app.command('show').description('an application: its address, its releases and what runs')).action(
    async (name: string, { environment }: PlaceOptions, command: Command) =>
      (await actions()).show(context(command), name, environment),
  );
  inPlace(
    app.command('instances').description('the containers of an application, and what the router does with them'),
  ).action(async (name: string, { environment }: PlaceOptions, command: Command) =>
    (await actions()).instances(context(command), name, environment),
  );
  inPlace(app.command('logs').description('the last lines that the instances wrote'))
    .option('--instance <name>', 'only this one')
    .option('--lines <count>', 'of each instance', wholeNumber(1, MOST_LINES), 100)
    .option('--follow', 'go on until Ctrl-C; one JSON line each with --output json')
    .action(async (application: string, options: LogOptions, command: Command) => {
      const { logs, followLogs } = await actions();
      const { environment, instance, lines, follow } = options;
      const wish = { application, environment, instance, lines };
      await (follow === true ? followLogs : logs)(context(command), wish);
    });
};

const inPlace = (command: Command): Command =>
  command
    .argument('<name>', 'the application')
    .option('--environment <name>', 'where, if it is in several environments');

const actions = () => import('./app-actions.ts');
