import type { Command, CommanderError } from 'commander';
import { isCode } from '#domain/errors/catalogue.ts';
import { SluiceError, sluiceError, type ErrorReport } from '#domain/errors/failure.ts';

/** The catalogue's error for anything that was thrown: what is not in the catalogue is INTERNAL. */
export function toSluiceError(error: unknown): SluiceError {
  if (error instanceof SluiceError) return error;
  const report = reportIn(error);
  if (report) return new SluiceError(report, error);
  const why = error instanceof Error ? error.message || error.name : String(error);
  const cause = { cause: error };
  if (isDatabaseError(error)) return sluiceError('DATABASE_ERROR', { why }, cause);
  return sluiceError('INTERNAL', { why }, cause);
}

/** A failure of Temporal that carries a report of ours as its first detail. */
function reportIn(error: unknown): ErrorReport | null {
  if (!(error instanceof Error)) return null;
  const { details } = error as { details?: readonly unknown[] | null };
  const report = details?.[0] as Partial<ErrorReport> | undefined;
  if (report && typeof report.code === 'string' && isCode(report.code)) return report as ErrorReport;
  return error.cause instanceof Error && error.cause !== error ? reportIn(error.cause) : null;
}

/** PostgreSQL's own errors carry a severity and a five-character SQLSTATE. */
function isDatabaseError(error: unknown): boolean {
  const { severity, code } = error as { severity?: unknown; code?: unknown };
  return typeof severity === 'string' && typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code);
}

/** Commander's complaint as USAGE, naming the command that was typed and, if there is one, what was probably meant. */
export function usageError(error: CommanderError, program: Command, argv: readonly string[]): SluiceError {
  const { command, path } = typedCommand(program, argv);
  const help = `${path} --help`;
  if (error.code === 'commander.help') {
    const verbs = command.commands.map((one) => one.name()).join(', ');
    return sluiceError(
      'USAGE',
      { why: `${path} needs a command` },
      { where: path, found: `one of: ${verbs}`, hint: help },
    );
  }
  const [why = '', ...rest] = error.message.replace(/^error: /, '').split('\n');
  const meant = /Did you mean (?:one of )?(.+?)\?/.exec(rest.join(' '))?.[1];
  const hint = meant ? `did you mean ${meant}?   ·   ${help}` : help;
  return sluiceError('USAGE', { why }, { where: path, hint });
}

function typedCommand(program: Command, argv: readonly string[]): { command: Command; path: string } {
  let command = program;
  let path = program.name();
  for (const word of argv) {
    const next = command.commands.find((one) => one.name() === word || one.aliases().includes(word));
    if (!next) continue;
    command = next;
    path += ` ${next.name()}`;
  }
  return { command, path };
}
