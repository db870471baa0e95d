import type { TextsOrSecrets } from '#domain/plan/health-check.ts';
import { runCommand, type CommandLook } from '../adapters/process/run-command.ts';
import type { SecretSource } from '../adapters/secrets/resolve-secret.ts';
import { redact, tail } from './redact.ts';
import { resolveTexts } from './resolve-texts.ts';

/** A command of a plan: of a gate, a hook or a health check. */
export interface PlannedCommand {
  readonly command: readonly string[];
  readonly timeoutMs: number;
  readonly env?: TextsOrSecrets;
}

export interface CommandTools extends SecretSource {
  /** Aborted when the activity is cancelled. */
  readonly signal: AbortSignal;
}

/** How a command came out: `how` in words (`sh exited 3`), `seen` as evidence without secrets. */
export interface CommandOutcome {
  readonly kind: 'succeeded' | 'failed' | 'lost';
  readonly how: string;
  readonly seen: Readonly<Record<string, unknown>>;
}

/**
 * What a program needs to run at all, and the mark by which `sluice up` finds what a killed stack left; nothing else of this
 * process's environment, where secrets may stand.
 */
const PASSED_ON = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'USER', 'SHELL', 'SLUICE_PART_OF'];

/**
 * Runs a plan's command with its own variables and what it is `told` (these win). It ends with this process, whatever kills
 * that. Throws SECRET_UNRESOLVED, and when it was cancelled.
 */
export async function runToldCommand(
  { command: argv, timeoutMs, env: given }: PlannedCommand,
  told: Readonly<Record<string, string>>,
  tools: CommandTools,
): Promise<CommandOutcome> {
  const { texts, secrets } = await resolveTexts(given, tools);
  const env = { ...inherited(tools.env ?? process.env), ...texts, ...told };
  const look = await runCommand({ argv, timeoutMs, env, signal: tools.signal });
  const { kind: ended, ...rest } = 'output' in look ? { ...look, output: tail(redact(look.output, secrets)) } : look;
  const seen = { command: argv.map((argument) => redact(argument)), ended, ...rest };
  const how = `${argv[0] ?? ''} ${describe(look, timeoutMs)}`;
  if (look.kind === 'lost') return { kind: 'lost', how, seen };
  return { kind: look.kind === 'exited' && look.exitCode === 0 ? 'succeeded' : 'failed', how, seen };
}

function describe(look: CommandLook, timeoutMs: number): string {
  switch (look.kind) {
    case 'exited':
      return look.exitCode === 0 ? `exited 0 in ${look.tookMs} ms` : `exited ${look.exitCode}`;
    case 'timed-out':
      return `did not end within ${timeoutMs} ms`;
    case 'killed':
      return `was ended by ${look.signal}`;
    case 'not-started':
      return `could not be started: ${look.why}`;
    case 'lost':
      return `was lost: ${look.why}`;
  }
}

function inherited(env: NodeJS.ProcessEnv): Record<string, string> {
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] => PASSED_ON.includes(entry[0]) && entry[1] !== undefined,
  );
  return Object.fromEntries(kept);
}
