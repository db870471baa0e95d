import { sluiceError } from '#domain/errors/failure.ts';
import { rollBackApplication, type RolledBack } from '../../engine/releases/roll-back-application.ts';
import type { CliContext } from '../context.ts';
import { command, printAnswer } from './command-action.ts';
import { watch } from './watch-action.ts';

export interface RollbackOptions {
  readonly executionId?: string;
  readonly application?: string;
  readonly environment?: string;
  readonly to?: string;
  readonly reason?: string;
  readonly watch?: boolean;
}

/** Takes a run back, or an application to an earlier release. Throws USAGE when it is not said which. */
export async function rollBack(context: CliContext, options: RollbackOptions): Promise<void> {
  const { executionId: run, reason } = options;
  const { application, environment } = options;
  if (run !== undefined && application === undefined && environment === undefined && options.to === undefined) {
    await command(context, 'rollBackRun', { run, reason });
    if (options.watch === true) await watch(context, run);
    return;
  }
  if (run !== undefined || application === undefined || environment === undefined) throw unclear();
  const wish = { application, environment, to: options.to, reason: reason ?? '', person: await context.person() };
  const rolledBack = await rollBackApplication(context.deps(), wish);
  if (options.watch === true) return watch(context, runOf(rolledBack));
  if (rolledBack.kind === 'told') return printAnswer(context, 'rollBackRun', rolledBack.answer);
  printStarted(context, application, rolledBack);
}

const runOf = (done: RolledBack): string => (done.kind === 'told' ? done.answer.view.run : done.started.run);

const unclear = (): Error =>
  sluiceError(
    'USAGE',
    { why: 'name the run, or the application and its environment' },
    {
      where: 'sluice deploy rollback',
      hint: 'sluice deploy rollback --execution-id exe_… · sluice deploy rollback --application NAME --environment NAME --reason "…"',
    },
  );

function printStarted(
  context: CliContext,
  application: string,
  { started, target }: Extract<RolledBack, { kind: 'started' }>,
): void {
  const { run, workflowId, planId, digest, environment } = started;
  const document = {
    execution_id: run,
    workflow_id: workflowId,
    plan_id: planId,
    digest,
    environment,
    application,
    version: target.version,
    release: target.release,
    status: 'queued',
  };
  const what = `started ${run}: ${application} back to ${target.version} (release ${target.release}) in ${environment}`;
  context.print(document, `${what}\n  sluice run watch ${run}`);
}
