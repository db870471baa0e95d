import type { GateCheck } from '#domain/plan/steps.ts';
import { runCommand, type CommandLook } from '../adapters/process/run-command.ts';
import { redact, tail } from '../runtime/redact.ts';
import { resolveTexts } from '../runtime/resolve-texts.ts';
import type { Finding, GateDeps } from './deps.ts';

type CommandCheck = Extract<GateCheck, { run: 'command' }>;

/** What the command decides for; it finds it in its environment as SLUICE_RUN and so on. */
export interface GateSubject {
  readonly run: string;
  readonly planId: string;
  readonly gate: string;
  /** 1-based; more than 1 when a worker was lost meanwhile. */
  readonly attempt: number;
  /** The same for all attempts of one evaluation: by it the command can find what an earlier attempt did. */
  readonly key: string;
  readonly environment: string;
  readonly firmware: { readonly name: string; readonly version: string };
}

/**
 * What a program needs to run at all, and the mark by which `sluice up` finds what a killed stack left; nothing else of this
 * process's environment, where secrets may stand.
 */
const PASSED_ON = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'USER', 'SHELL', 'SLUICE_PART_OF'];

/** Passes when the command ends with 0. It runs a second time when its worker dies, after the first has ended. */
export async function runGateCommand(
  deps: GateDeps,
  check: CommandCheck,
  subject: GateSubject,
  signal: AbortSignal,
): Promise<Finding> {
  const { command: argv, timeoutMs } = check;
  const { texts, secrets } = await resolveTexts(check.env, deps);
  const env = { ...inherited(deps.env ?? process.env), ...texts, ...told(subject) };
  const look = await runCommand({ argv, timeoutMs, env, signal });
  const { kind: ended, ...rest } = 'output' in look ? { ...look, output: tail(redact(look.output, secrets)) } : look;
  const seen = { command: argv.map((argument) => redact(argument)), ended, ...rest };
  const [program = ''] = argv;
  if (look.kind === 'exited' && look.exitCode === 0) {
    return { kind: 'passed', summary: `${program} exited 0 in ${look.tookMs} ms`, evidence: seen };
  }
  if (look.kind === 'lost')
    return { kind: 'inconclusive', summary: `${program} was lost: ${look.why}`, evidence: seen };
  return { kind: 'failed', summary: `${program} ${describe(look, timeoutMs)}`, evidence: seen };
}

function describe(look: Exclude<CommandLook, { kind: 'lost' }>, timeoutMs: number): string {
  switch (look.kind) {
    case 'exited':
      return `exited ${look.exitCode}`;
    case 'timed-out':
      return `did not end within ${timeoutMs} ms`;
    case 'killed':
      return `was ended by ${look.signal}`;
    case 'not-started':
      return `could not be started: ${look.why}`;
  }
}

function inherited(env: NodeJS.ProcessEnv): Record<string, string> {
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] => PASSED_ON.includes(entry[0]) && entry[1] !== undefined,
  );
  return Object.fromEntries(kept);
}

const told = (subject: GateSubject): Record<string, string> => ({
  SLUICE_RUN: subject.run,
  SLUICE_PLAN_ID: subject.planId,
  SLUICE_GATE: subject.gate,
  SLUICE_GATE_KEY: subject.key,
  SLUICE_ATTEMPT: String(subject.attempt),
  SLUICE_ENVIRONMENT: subject.environment,
  SLUICE_FIRMWARE_NAME: subject.firmware.name,
  SLUICE_FIRMWARE_VERSION: subject.firmware.version,
});
