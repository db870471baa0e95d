import { createHash } from 'node:crypto';
import { Context } from '@temporalio/activity';
import type { ContainerPlan } from '#domain/plan/container-plan.ts';
import type { HookInput, ReleaseOutcome } from '#domain/ports/release.port.ts';
import type { SecretSource } from '../adapters/secrets/resolve-secret.ts';
import { approvedContainerPlan } from '../runtime/approved-plan.ts';
import { keepOutcome, keptOutcome, type Keeping } from '../runtime/kept-outcome.ts';
import { ridingOut } from '../runtime/ride-out.ts';
import { runToldCommand, type CommandTools } from '../runtime/told-command.ts';
import { runToldRequest } from '../runtime/told-request.ts';

/** What a hook needs: the database, a beating heart, and where secrets are. */
export interface HookWork extends Keeping, SecretSource {}

/**
 * Runs a hook's action, or its compensation, once for its key (run, step, action). What has ended, well or not, is stored
 * before it is answered, and is not run again by any later attempt. One that was under way when its worker died has ended
 * with it, but nobody knows how far it came: it is run again with the same key (`SLUICE_KEY`, header `Idempotency-Key`), by
 * which it can find what it did. An address that does not answer is not asked twice.
 *
 * A compensation that there is not is done. Throws SECRET_UNRESOLVED, PLAN_NOT_UNDERSTOOD, and when it was cancelled.
 */
export async function runHookAction(work: HookWork, input: HookInput): Promise<ReleaseOutcome> {
  const { run, step, hook, action } = input;
  if (hook[action] === null) {
    return { kind: 'done', summary: `hook ${hook.name} has nothing to undo`, facts: {} };
  }
  const { evidence: id } = keyOf(input);
  const earlier = await keptOutcome(work, id);
  if (earlier) return outcomeOf(earlier as unknown as Stored, id);
  const plan = await ridingOut(work, () => approvedContainerPlan(work.pool, input));
  const { seen, ...found } = await carryOut(input, plan, {
    ...work,
    signal: Context.current().cancellationSignal,
  });
  const stored: Stored = { ...found, hook: hook.name, action };
  work.logger.info({ run, step, ...stored }, 'hook ended');
  const kept = await keepOutcome(work, { run, step, body: { ...seen, ...stored } }, id);
  return outcomeOf(stored, kept);
}

interface Found {
  readonly outcome: ReleaseOutcome['kind'];
  readonly summary: string;
}

interface Stored extends Found {
  readonly hook: string;
  readonly action: HookInput['action'];
}

function outcomeOf({ outcome, summary, hook, action }: Stored, evidence: string | null): ReleaseOutcome {
  if (outcome === 'unhealthy') return { kind: 'unhealthy', summary, evidence };
  return { kind: 'done', summary, facts: { hook, action, evidence } };
}

/** `key` is for people and commands: `exe_…/hook-before-1/action`; `evidence` the id under which its outcome is stored. */
function keyOf({ run, step, action }: HookInput): { readonly key: string; readonly evidence: string } {
  const digest = createHash('sha256')
    .update(JSON.stringify(['hook', run, step, action]))
    .digest('hex');
  return { key: `${run}/${step}/${action}`, evidence: `evd_${digest.slice(0, 26)}` };
}

async function carryOut(
  input: HookInput,
  plan: ContainerPlan,
  tools: CommandTools,
): Promise<Found & { readonly seen: Readonly<Record<string, unknown>> }> {
  const { hook, action } = input;
  const wanted = hook[action] ?? hook.action;
  const named = `hook ${hook.name}${action === 'compensation' ? ' (undone)' : ''}`;
  if (wanted.kind === 'command') {
    const { kind, how, seen } = await runToldCommand(wanted, told(input, plan), tools);
    return { outcome: kind === 'succeeded' ? 'done' : 'unhealthy', summary: `${named}: ${how}`, seen };
  }
  const { succeeded, how, seen } = await runToldRequest(wanted, { 'Idempotency-Key': keyOf(input).key }, tools);
  return { outcome: succeeded ? 'done' : 'unhealthy', summary: `${named}: ${how}`, seen };
}

const told = (input: HookInput, { application, environment }: ContainerPlan): Record<string, string> => ({
  SLUICE_RUN: input.run,
  SLUICE_PLAN: input.planId,
  SLUICE_APPLICATION: application.name,
  SLUICE_VERSION: application.version,
  SLUICE_ENVIRONMENT: environment.name,
  SLUICE_HOOK: input.hook.name,
  SLUICE_HOOK_ACTION: input.action,
  SLUICE_KEY: keyOf(input).key,
});
