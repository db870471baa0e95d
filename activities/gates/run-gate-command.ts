import type { GateCheck } from '#domain/plan/steps.ts';
import { runCommand, type CommandLook } from '../adapters/process/run-command.ts';
import { redact, tail } from '../runtime/redact.ts';
import type { Finding, GateDeps } from './deps.ts';

type CommandCheck = Extract<GateCheck, { run: 'command' }>;

/** Which run and plan the command decides for; it finds them in its environment as SLUICE_RUN and so on. */
export interface GateSubject {
  readonly run: string;
  readonly planId: string;
  readonly gate: string;
  readonly environment: string;
  readonly firmware: { readonly name: string; readonly version: string };
}

/** What a program needs to run at all; nothing else of this process's environment, where secrets may stand. */
const PASSED_ON = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'USER', 'SHELL'];

/** Passes when the command ends with 0. It may run a second time when a worker dies: it has to bear that. */
export async function runGateCommand(
  { env = process.env }: GateDeps,
  check: CommandCheck,
  subject: GateSubject,
  signal: AbortSignal,
): Promise<Finding> {
  const { command: argv, timeoutMs } = check;
  const look = await runCommand({ argv, timeoutMs, env: commandEnv(env, subject), signal });
  const seen = { command: argv.map((argument) => redact(argument)), ...redacted(look) };
  const [program = ''] = argv;
  if (look.kind === 'exited' && look.exitCode === 0) {
    return { kind: 'passed', summary: `${program} exited 0 in ${look.tookMs} ms`, evidence: seen };
  }
  return { kind: 'failed', summary: `${program} ${describe(look, timeoutMs)}`, evidence: seen };
}

function describe(look: CommandLook, timeoutMs: number): string {
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

const redacted = (look: CommandLook): CommandLook =>
  look.kind === 'not-started' ? look : { ...look, output: tail(redact(look.output)) };

function commandEnv(env: NodeJS.ProcessEnv, subject: GateSubject): Record<string, string> {
  const own = Object.entries(env).filter(
    (entry): entry is [string, string] => PASSED_ON.includes(entry[0]) && entry[1] !== undefined,
  );
  return {
    ...Object.fromEntries(own),
    SLUICE_RUN: subject.run,
    SLUICE_PLAN_ID: subject.planId,
    SLUICE_GATE: subject.gate,
    SLUICE_ENVIRONMENT: subject.environment,
    SLUICE_FIRMWARE_NAME: subject.firmware.name,
    SLUICE_FIRMWARE_VERSION: subject.firmware.version,
  };
}
