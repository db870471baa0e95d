import type { Command } from 'commander';
import type { CliContext, RegisterCommands } from '../context.ts';

/** `env list`, `env show`, `env apply`. */
export const registerEnvironmentCommands: RegisterCommands = (program, context) => {
  const env = program.command('env').description('environments: the places to deploy to, with their policies');
  env
    .command('list')
    .description('list the environments')
    .action((_options: object, command: Command) => list(context(command)));
  env
    .command('show')
    .description('show one environment with its defaults filled in')
    .argument('<name>', 'the key under which the configuration has it')
    .action((name: string, _options: object, command: Command) => show(context(command), name));
  env
    .command('apply')
    .description('store a configuration file: its sections replace those stored, its environments are merged by name')
    .requiredOption('-f, --file <file>', 'the configuration, YAML or JSON')
    .action(({ file }: { file: string }, command: Command) => apply(context(command), file));
};

async function list(cli: CliContext): Promise<void> {
  const { listEnvironments } = await import('../../engine/environments/load-environment.ts');
  const { environmentDocument } = await import('../../engine/environments/environment-document.ts');
  const { renderEnvironments } = await import('../render/environment.ts');
  const { lookOf } = await import('../look.ts');
  const environments = await listEnvironments(cli.deps());
  cli.print({ environments: environments.map(environmentDocument) }, renderEnvironments(environments, lookOf(cli)));
}

async function show(cli: CliContext, name: string): Promise<void> {
  const { loadEnvironment } = await import('../../engine/environments/load-environment.ts');
  const { environmentDocument } = await import('../../engine/environments/environment-document.ts');
  const { renderEnvironment } = await import('../render/environment.ts');
  const environment = await loadEnvironment(cli.deps(), name);
  cli.print(environmentDocument(environment), renderEnvironment(environment));
}

async function apply(cli: CliContext, path: string): Promise<void> {
  const { readWrittenFile } = await import('../../engine/environments/read-document.ts');
  const { applyConfiguration } = await import('../../engine/environments/apply-configuration.ts');
  const { appliedDocument } = await import('../../engine/environments/environment-document.ts');
  const { renderApplied } = await import('../render/environment.ts');
  const file = await readWrittenFile(path);
  const applied = await applyConfiguration(cli.deps(), { file, by: (await cli.person()).name });
  cli.print(appliedDocument(applied), renderApplied(applied));
}
