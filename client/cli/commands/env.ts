import type { Command } from 'commander';
import type { RegisterCommands } from '../context.ts';

/** `env list`, `env show`, `env apply`. */
export const registerEnvironmentCommands: RegisterCommands = (program, context) => {
  const env = program.command('env').description('Environments: the places to deploy to, with their policies');

  env
    .command('list')
    .description('list the environments')
    .action(async (_options: object, command: Command) => {
      const cli = context(command);
      const { listEnvironments } = await import('../../engine/environments/load-environment.ts');
      const { renderEnvironments } = await import('../render/environment.ts');
      const environments = await listEnvironments(cli.deps());
      const { environmentDocument } = await import('../../engine/environments/environment-document.ts');
      cli.print({ environments: environments.map(environmentDocument) }, renderEnvironments(environments));
    });

  env
    .command('show')
    .description('show one environment with its defaults filled in')
    .argument('<name>', 'the key under which the configuration has it')
    .action(async (name: string, _options: object, command: Command) => {
      const cli = context(command);
      const { loadEnvironment } = await import('../../engine/environments/load-environment.ts');
      const { renderEnvironment } = await import('../render/environment.ts');
      const { environmentDocument } = await import('../../engine/environments/environment-document.ts');
      const environment = await loadEnvironment(cli.deps(), name);
      cli.print(environmentDocument(environment), renderEnvironment(environment));
    });

  env
    .command('apply')
    .description(
      'store a configuration file (YAML or JSON): its sections replace those stored, environments are merged',
    )
    .requiredOption('-f, --file <file>', 'the configuration file')
    .action(async ({ file }: { file: string }, command: Command) => {
      const cli = context(command);
      const { readWrittenFile } = await import('../../engine/environments/read-document.ts');
      const { applyConfiguration } = await import('../../engine/environments/apply-configuration.ts');
      const { appliedDocument } = await import('../../engine/environments/environment-document.ts');
      const { renderApplied } = await import('../render/environment.ts');
      const person = await cli.person();
      const applied = await applyConfiguration(cli.deps(), { file: await readWrittenFile(file), by: person.name });
      cli.print(appliedDocument(applied), renderApplied(applied));
    });
};
