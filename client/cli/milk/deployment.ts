import type { Command } from 'commander';
import { wholeNumber } from '../commands/option-values.ts';
import type { RegisterCommands } from '../context.ts';
import type { ConfigOption, LogOptions, ReasonOptions, RollbackOptions, ScaleOptions } from './options.ts';

const MOST_LINES = 10_000;
const MOST_AT_ONCE = 500;

const EXAMPLE = `
An example of milkbottle.toml; what is left out has a default, only the environment has none:

  [deployment]
  enabled = true
  environment = "production"     # with target docker: sluice env list
  strategy = "rolling"           # or blue_green, canary, recreate, immediate

  [deployment.docker]
  image_name = "milkbottle"      # names the application, too
  image_tag = "1.4.0"            # what deploy brings; default latest
  registry_url = "localhost:5000"
  port = 8080                    # inside the container

  [deployment.health]
  path = "/health"

  [deployment.scaling]
  min_instances = 1
  max_instances = 10
  scale_up_cooldown = 300        # seconds after any scaling
  scale_down_cooldown = 300
`;

/** `deployment deploy|rollback|status|logs|health-check|docker|scaling`. */
export const registerDeploymentCommands: RegisterCommands = (program, context) => {
  const deployment = program
    .command('deployment')
    .description('one application in one environment, as its file says')
    .addHelpText('after', EXAMPLE);
  withReason(deployment.command('deploy').description('deploy image_tag and follow it to its end')).action(
    async (options: ReasonOptions, command: Command) =>
      (await import('./deploy-actions.ts')).deploy(context(command), options),
  );
  withReason(deployment.command('rollback').description('go back to the release before and follow it to its end'))
    .option('--to <version>', 'the version or number of a release')
    .action(async (options: RollbackOptions, command: Command) =>
      (await import('./deploy-actions.ts')).rollBack(context(command), options),
    );
  addLooks(deployment, context);
  withReason(
    deployment
      .command('docker')
      .description('containers of the configured image')
      .command('run-container')
      .description('deploy one instance; where it runs already, say where'),
  ).action(async (options: ReasonOptions, command: Command) =>
    (await import('./deploy-actions.ts')).runContainer(context(command), options),
  );
  addScaling(deployment.command('scaling').description('the number of instances'), context);
};

function addLooks(deployment: Command, context: Parameters<RegisterCommands>[1]): void {
  withConfig(deployment.command('status').description('the run that is under way, and what serves')).action(
    async ({ config }: ConfigOption, command: Command) => (await looks()).status(context(command), config),
  );
  withConfig(deployment.command('logs').description('the last lines that the instances wrote'))
    .option('--lines <count>', 'of each instance', wholeNumber(1, MOST_LINES), 100)
    .option('--follow', 'go on until Ctrl-C; one JSON line each with --output json')
    .action(async (options: LogOptions, command: Command) => (await looks()).logs(context(command), options));
  withConfig(
    deployment.command('health-check').description('each instance as it is now; exit code 0 only if all are up'),
  ).action(async ({ config }: ConfigOption, command: Command) => (await looks()).healthCheck(context(command), config));
}

function addScaling(scaling: Command, context: Parameters<RegisterCommands>[1]): void {
  for (const direction of ['up', 'down'] as const) {
    withReason(scaling.command(`scale-${direction}`).description(`${ABOUT[direction]}; follows it to its end`))
      .option('--count <count>', 'so many', wholeNumber(1, MOST_AT_ONCE), 1)
      .action(async (options: ScaleOptions, command: Command) =>
        (await import('./scale-actions.ts')).scale(context(command), direction, options),
      );
  }
  withConfig(scaling.command('list-instances').description('the instances, and what the router does with them')).action(
    async ({ config }: ConfigOption, command: Command) => (await looks()).listInstances(context(command), config),
  );
}

const ABOUT = { up: 'start more instances', down: 'stop some instances' } as const;

const withConfig = (command: Command): Command =>
  command.option('--config <file>', 'what to deploy, and where', 'milkbottle.toml');

const withReason = (command: Command): Command =>
  withConfig(command).option('--reason <reason>', 'stands in the journal', 'no reason given');

const looks = () => import('./look-actions.ts');
