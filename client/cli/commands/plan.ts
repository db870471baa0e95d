import { Option, type Command } from 'commander';
import type { CliContext, RegisterCommands } from '../context.ts';

interface CreateOptions {
  readonly config?: string;
  readonly interactive?: boolean;
  readonly allowNoWayBack?: boolean;
  readonly reason?: string;
}

interface ApproveOptions {
  readonly planId: string;
  readonly digest?: string;
  readonly comment: string;
}

/** `plan create`, `plan list`, `plan show`, `plan approve`. */
export const registerPlanCommands: RegisterCommands = (program, context) => {
  const plan = program.command('plan').description('plans: immutable lists of steps that runs take');
  plan
    .command('create')
    .description('make a plan from a file, or from answers; nothing is deployed yet')
    .option('--config <file>', 'the plan file, JSON or YAML')
    .addOption(
      new Option('--interactive', 'ask what only you can know, and print the file that does the same').conflicts(
        'config',
      ),
    )
    .option('--allow-no-way-back', 'go on although some devices could not be taken back (needs --reason)')
    .option('--reason <text>', 'why that is acceptable; it stands in the plan')
    .action((options: CreateOptions, command: Command) => create(context(command), options));
  plan
    .command('list')
    .description('list the plans, newest first')
    .action((_options: object, command: Command) => list(context(command)));
  plan
    .command('show')
    .description('show what a plan will do, who must agree, and what would take it back')
    .requiredOption('--plan-id <id>', 'the plan')
    .action(({ planId }: { planId: string }, command: Command) => show(context(command), planId));
  plan
    .command('approve')
    .description('approve a plan before its run')
    .requiredOption('--plan-id <id>', 'the plan')
    .option(
      '--digest <digest>',
      'refuse if the plan is not the one with this digest; its first 8 characters are enough',
    )
    .option('--comment <text>', 'why; it stands in the journal', '')
    .action((options: ApproveOptions, command: Command) => approve(context(command), options));
};

async function create(cli: CliContext, options: CreateOptions): Promise<void> {
  const acceptNoWayBack = await acceptedReason(options);
  if (options.interactive) {
    const { createPlanByAnswers } = await import('./plan-interview.ts');
    return createPlanByAnswers(cli, acceptNoWayBack);
  }
  if (options.config === undefined) {
    const { sluiceError } = await import('#domain/errors/failure.ts');
    const where = 'sluice plan create';
    throw sluiceError('USAGE', { why: 'a plan needs --config FILE, or --interactive' }, { where });
  }
  return createByFile(cli, options.config, acceptNoWayBack);
}

async function createByFile(cli: CliContext, path: string, acceptNoWayBack: string | null): Promise<void> {
  const { readWrittenFile } = await import('../../engine/environments/read-document.ts');
  const { createPlan } = await import('../../engine/plans/create-plan.ts');
  const { createdDocument } = await import('../../engine/plans/plan-document.ts');
  const { renderCreated } = await import('../render/plan.ts');
  const file = await readWrittenFile(path);
  const created = await createPlan(cli.deps(), { file, author: (await cli.person()).name, acceptNoWayBack });
  cli.print(createdDocument(created), renderCreated(created));
}

async function acceptedReason({ allowNoWayBack, reason }: CreateOptions): Promise<string | null> {
  if (!allowNoWayBack) return null;
  if (reason !== undefined && reason.trim() !== '') return reason;
  const { sluiceError } = await import('#domain/errors/failure.ts');
  throw sluiceError('REASON_REQUIRED', { command: 'plan create --allow-no-way-back' });
}

async function list(cli: CliContext): Promise<void> {
  const { listPlans } = await import('../../engine/plans/load-plan.ts');
  const { summaryDocument } = await import('../../engine/plans/plan-document.ts');
  const { renderPlans } = await import('../render/plan.ts');
  const { lookOf } = await import('../look.ts');
  const plans = await listPlans(cli.deps());
  cli.print({ plans: plans.map(summaryDocument) }, renderPlans(plans, lookOf(cli)));
}

async function show(cli: CliContext, planId: string): Promise<void> {
  const { describePlan } = await import('../../engine/plans/describe-plan.ts');
  const { planDocument } = await import('../../engine/plans/plan-document.ts');
  const { renderPlan } = await import('../render/plan.ts');
  const { lookOf } = await import('../look.ts');
  const described = await describePlan(cli.deps(), planId);
  cli.print(planDocument(described), renderPlan(described, lookOf(cli).clock));
}

async function approve(cli: CliContext, { planId, digest, comment }: ApproveOptions): Promise<void> {
  const { ulid } = await import('ulid');
  const { approvePlan } = await import('../../engine/plans/approve-plan.ts');
  const { approvedDocument } = await import('../../engine/plans/plan-document.ts');
  const { renderApproved } = await import('../render/plan.ts');
  const command = { commandId: `cli_${ulid()}`, via: 'cli', person: await cli.person() };
  const approved = await approvePlan(cli.deps(), { ...command, planId, digest: digest ?? null, comment });
  cli.print(approvedDocument(approved), renderApproved(approved));
}
