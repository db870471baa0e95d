import type { Command, CommanderError } from 'commander';
import type { CliContext, RegisterCommands } from './context.ts';
import type { OpenContext } from './context-factory.ts';
import { buildProgram, type ProgramName } from './program.ts';
import { allowsColour, type Terminal } from './terminal.ts';
import { registerApplicationCommands } from './commands/app.ts';
import { registerApprovalCommands } from './commands/approve.ts';
import { registerArtifactCommands } from './commands/artifact.ts';
import { registerCompletionCommand } from './commands/completion.ts';
import { registerDeployCommands } from './commands/deploy.ts';
import { registerDeviceCommands } from './commands/device.ts';
import { registerEnvironmentCommands } from './commands/env.ts';
import { registerGroupCommands } from './commands/group.ts';
import { registerPlanCommands } from './commands/plan.ts';
import { registerPromotionCommand } from './commands/promote.ts';
import { registerReleaseCommands } from './commands/release.ts';
import { registerRunCommands } from './commands/run.ts';
import { registerSetUpCommand } from './commands/setup.ts';
import { registerStackCommands } from './commands/stack.ts';

/** Every feature's commands, in the order of the help page. */
export const FEATURES: readonly RegisterCommands[] = [
  registerStackCommands,
  registerSetUpCommand,
  registerDeviceCommands,
  registerGroupCommands,
  registerArtifactCommands,
  registerEnvironmentCommands,
  registerApplicationCommands,
  registerPlanCommands,
  registerDeployCommands,
  registerPromotionCommand,
  registerReleaseCommands,
  registerApprovalCommands,
  registerRunCommands,
  registerCompletionCommand,
];

/** The commands of one bin of this package; a name of its own where it is not the first one's. */
export interface CommandLine {
  readonly features: readonly RegisterCommands[];
  readonly program?: ProgramName;
}

const SLUICE: CommandLine = { features: FEATURES };

/** Runs the command line of this process and ends it with the command's exit code. */
export async function runProcess(process: NodeJS.Process, line = SLUICE): Promise<void> {
  // The reader of a pipe may leave first (`sluice run list | head -1`): that is no error of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  // Notes that nobody reads must not end a command that does its work.
  process.stderr.on('error', () => undefined);
  const { stdout, stderr, env, argv } = process;
  // Questions keep out of the way of the result, which may go into a file.
  const dialogue = () => (process.stdin.isTTY && stderr.isTTY ? { input: process.stdin, output: stderr } : null);
  const exitCode = await main(argv.slice(2), { stdout, stderr, env, dialogue }, line);
  // A pipe takes as much as it can hold; leaving now would cut the rest off.
  await Promise.all([written(stdout), written(stderr)]);
  // Not left to the event loop: a connection that lingers would keep a finished command alive.
  process.exit(exitCode);
}

/** Resolves when everything before has left this process. */
const written = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => stream.write('', () => resolve()));

/** Runs one command; the result is its exit code. Never throws: errors are printed in the form that was asked for. */
export async function main(argv: readonly string[], terminal: Terminal, line = SLUICE): Promise<number> {
  const session = new Session(terminal);
  const program = buildProgram(line.features, (command) => session.context(command), terminal, line.program);
  program.hook('preAction', () => session.load());
  try {
    const words = argv[0] === '--version' ? ['-V'] : [...argv];
    await program.parseAsync(words, { from: 'user' });
    return await session.end();
  } catch (error) {
    await session.end().catch(() => undefined);
    if (isCommanderError(error) && error.exitCode === 0) return 0;
    return await printError(error, program, { argv, terminal });
  }
}

/** The one command of this process. What costs time to load is loaded before its action, never for `--help`. */
class Session {
  readonly #terminal: Terminal;
  #open: ((command: Command, terminal: Terminal) => OpenContext) | undefined;
  #opened: OpenContext | undefined;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  async load(): Promise<void> {
    this.#open = (await import('./context-factory.ts')).openContext;
  }

  context(command: Command): CliContext {
    if (!this.#open) throw new Error('a context was asked for outside an action');
    this.#opened ??= this.#open(command, this.#terminal);
    return this.#opened.context;
  }

  async end(): Promise<number> {
    await this.#opened?.close();
    return this.#opened?.exitCode() ?? 0;
  }
}

async function printError(
  error: unknown,
  program: Command,
  { argv, terminal }: { argv: readonly string[]; terminal: Terminal },
): Promise<number> {
  const { toSluiceError, usageError } = await import('./errors.ts');
  const { errorDocument, renderError } = await import('./render/error.ts');
  const { safeJson, safeText } = await import('./render/printable.ts');
  const failure = isCommanderError(error) ? usageError(error, program, argv) : toSluiceError(error);
  const colour = allowsColour(terminal.stderr, terminal.env);
  if (asksForJson(argv)) terminal.stdout.write(`${safeJson(errorDocument(failure.report), 2)}\n`);
  else terminal.stderr.write(safeText(renderError(failure.report, colour, readerOf(terminal)), colour));
  if (argv.includes('--debug')) terminal.stderr.write(`${safeText(stackOf(failure), false)}\n`);
  return failure.exitCode;
}

/** Read from the words themselves: an error may come before commander has understood them. */
function asksForJson(argv: readonly string[]): boolean {
  return (
    argv.includes('--output=json') || argv.some((word, index) => word === '--output' && argv[index + 1] === 'json')
  );
}

/** A pipe keeps lines as long as they are. */
const readerOf = ({ stderr }: Terminal): { width?: number } =>
  stderr.isTTY === true && stderr.columns ? { width: stderr.columns } : {};

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stackOf(error.cause)}` : '';
  return `${error.stack ?? error.message}${cause}`;
}

// By its shape: commander's class is not needed otherwise, and two copies of it would not know each other.
function isCommanderError(error: unknown): error is CommanderError {
  return error instanceof Error && error.name === 'CommanderError';
}
