import { ulid } from 'ulid';
import type { Decision } from '#domain/approvals/approval.ts';
import type { CommandEnvelope, RunCommands } from '#domain/run/commands.ts';
import type { EngineDeps, Person } from '../engine.ts';
import { freezeInForce } from '../holds/freeze-in-force.ts';
import { patientRead } from '../patient-read.ts';
import { plainText } from '../plain-text.ts';
import { meantDigest } from '../plans/meant-digest.ts';
import { alreadyDecided, refuseSettled } from './already-decided.ts';
import { findRun } from './find-run.ts';
import { sendCommand, type CommandAnswer } from './send-command.ts';

/** What stands in the journal when a person gave no reason. */
const NO_REASON = 'no reason given';

export type PlainCommand = 'pauseRun' | 'resumeRun' | 'cancelRun' | 'rollBackRun';

/** A person's wish for a run, by `exe_…` or its workflow id. */
export interface Wish {
  readonly run: string;
  readonly person: Person;
  readonly reason?: string | undefined;
}

/**
 * Pauses, resumes, cancels or rolls back a run; the answer is the run as it stands after the command was taken. Throws
 * the run's refusal, RUN_NOT_FOUND, RUN_ALREADY_CLOSED, or COMMAND_UNANSWERED when no worker answered in time.
 */
export async function commandRun(deps: EngineDeps, command: PlainCommand, wish: Wish): Promise<CommandAnswer> {
  const row = await findRun(deps, wish.run);
  return sendCommand(deps, row, { name: command, args: envelope(wish) });
}

export interface GateWish extends Wish {
  readonly decision: Decision;
  readonly gate?: string | undefined;
  /** What the person saw; without it they mean the plan that the run shows now. */
  readonly digest?: string | undefined;
}

/** Approves or rejects the gate that waits. Throws as `commandRun`, and the refusals of four eyes, role and digest, and GATE_ALREADY_DECIDED. */
export async function decideGate(deps: EngineDeps, wish: GateWish): Promise<CommandAnswer> {
  const row = await findRun(deps, wish.run);
  const args: RunCommands['decideGate'] = {
    ...envelope(wish, '--comment'),
    gate: wish.gate ?? null,
    decision: wish.decision,
    digest: wish.digest === undefined ? row.digest : meantDigest(row.digest, wish.digest),
    roles: wish.person.roles,
  };
  const asked = { run: row.run, gate: wish.gate };
  refuseSettled(row.view, asked);
  try {
    return await sendCommand(deps, row, { name: 'decideGate', args });
  } catch (error) {
    throw (await alreadyDecided(deps, error, asked)) ?? error;
  }
}

/**
 * Lets a run pass a gate that fails or cannot be evaluated. Throws as `commandRun`, REASON_REQUIRED, GATE_UNKNOWN,
 * GATE_ASKS_PEOPLE, GATE_BUILT_IN, and the refusals of four eyes and role.
 */
export async function overrideGate(deps: EngineDeps, wish: Wish & { readonly gate: string }): Promise<CommandAnswer> {
  const row = await findRun(deps, wish.run);
  const args: RunCommands['overrideGate'] = {
    ...envelope(wish),
    reason: wish.reason ?? '',
    gate: wish.gate,
    roles: wish.person.roles,
  };
  return sendCommand(deps, row, { name: 'overrideGate', args });
}

/**
 * Lets a run go on before its window opens, its time comes or the freeze of its environment ends. Throws as `commandRun`,
 * REASON_REQUIRED, RUN_NOT_WAITING, and APPROVAL_ROLE_MISSING where a window holds it.
 */
export async function startRunNow(deps: EngineDeps, wish: Wish): Promise<CommandAnswer> {
  const row = await findRun(deps, wish.run);
  const freeze = await patientRead(deps, (pool) => freezeInForce(pool, row.environment));
  const said = { ...envelope(wish), reason: wish.reason ?? '', roles: wish.person.roles };
  const args = freeze === null ? said : { ...said, freeze: freeze.id };
  return sendCommand(deps, row, { name: 'startRunNow', args });
}

function envelope({ person, reason }: Wish, option = '--reason'): CommandEnvelope {
  const { name: by, verified } = person;
  const said = reason?.trim() ? plainText(reason, option) : NO_REASON;
  return { commandId: ulid(), by, via: 'cli', verified, reason: said };
}
