import type { Command } from 'commander';
import type { CliContext, RegisterCommands } from '../context.ts';
import { addEmergencyCommands } from './emergency.ts';
import { addHoldCommands } from './hold.ts';

interface ObserveOptions {
  readonly rebuild?: boolean;
}

/** `env list|show|apply|queue|observe|validate`, those of freezes, pins and history, and the rollback of a whole environment. */
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
  env
    .command('queue')
    .description('which runs are under way, which rest, and which wait for their turn and why')
    .argument('<name>', 'the environment')
    .action((name: string, _options: object, command: Command) => queue(context(command), name));
  env
    .command('observe')
    .description('what really runs: engines, router, applications and their instances')
    .argument('[name]', 'an environment with target docker; default all of them')
    .option('--rebuild', 'write again what the database lost, from what is seen')
    .action((name: string | undefined, { rebuild = false }: ObserveOptions, command: Command) =>
      observe(context(command), { name, rebuild }),
    );
  env
    .command('validate')
    .description('whether an environment with containers can be deployed to; exit code 6 when it cannot')
    .argument('<name>', 'the environment')
    .action((name: string, _options: object, command: Command) => validate(context(command), name));
  addHoldCommands(env, context);
  addEmergencyCommands(env, context);
};

async function observe(
  cli: CliContext,
  wish: { readonly name: string | undefined; readonly rebuild: boolean },
): Promise<void> {
  const { observeEnvironments } = await import('../../engine/containers/observe-environment.ts');
  const { observationDocument } = await import('../../engine/containers/observation-document.ts');
  const { renderObservations } = await import('../render/observation.ts');
  const { lookOf } = await import('../look.ts');
  const observed = await observeEnvironments(cli.deps(), wish);
  cli.print({ environments: observed.map(observationDocument) }, renderObservations(observed, lookOf(cli)));
}

async function validate(cli: CliContext, name: string): Promise<void> {
  const { validateEnvironment } = await import('../../engine/containers/observe-environment.ts');
  const { validationDocument } = await import('../../engine/containers/observation-document.ts');
  const { renderValidation } = await import('../render/observation.ts');
  const { EXIT_NOT_WELL } = await import('../render/stack.ts');
  const checks = await validateEnvironment(cli.deps(), name);
  cli.print(validationDocument(name, checks), renderValidation(name, checks));
  if (checks.some(({ kind }) => kind !== 'passed')) cli.exitWith(EXIT_NOT_WELL);
}

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
  const { readHoldsInForce } = await import('../../engine/holds/holds-in-force.ts');
  const { holdsDocument } = await import('../../engine/holds/holds-document.ts');
  const { lookOf } = await import('../look.ts');
  const environment = await loadEnvironment(cli.deps(), name);
  const holds = await readHoldsInForce(cli.deps(), environment.name);
  const document = { ...environmentDocument(environment), ...holdsDocument(holds) };
  cli.print(document, renderEnvironment(environment, holds, lookOf(cli)));
}

async function queue(cli: CliContext, name: string): Promise<void> {
  const { readQueue } = await import('../../engine/environments/read-queue.ts');
  const { queueDocument } = await import('../../engine/environments/queue-document.ts');
  const { renderQueue } = await import('../render/queue.ts');
  const { lookOf } = await import('../look.ts');
  const found = await readQueue(cli.deps(), name);
  cli.print(queueDocument(found), renderQueue(found, lookOf(cli)));
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
