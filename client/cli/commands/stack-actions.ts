import { spawn } from 'node:child_process';
import { counted } from '#domain/counted.ts';
import { isLostConnection } from '../../../activities/adapters/postgres/lost-connection.ts';
import { migrate, type MigrationReport } from '../../../activities/adapters/postgres/migrate.ts';
import { mayComeBack } from '../../engine/live-stack.ts';
import { COMPILE_CACHE, ownProgram } from '../../engine/own-tree.ts';
import { variablesOf, WITH_DOCKER_VARIABLE } from '../../engine/settings.ts';
import { examine } from '../../engine/stack/doctor.ts';
import { inspectStack } from '../../engine/stack/status.ts';
import { stopStack } from '../../engine/stack/stop-stack.ts';
import { waitForPart } from '../../engine/wait-for-part.ts';
import type { CliContext } from '../context.ts';
import { lookOf } from '../look.ts';
import { EXIT_NOT_WELL, renderDiagnosis, renderStatus } from '../render/stack.ts';

const SUPERVISOR = ownProgram('workers/stack/main.ts');

interface UpOptions {
  readonly logLevel: string | undefined;
  readonly withDocker: boolean;
}

/** Becomes the process that runs the stack; it prints by itself and ends with its own exit code. */
export async function up(context: CliContext, options: UpOptions): Promise<void> {
  const args = [...process.execArgv, SUPERVISOR, ...(context.output === 'json' ? ['--json'] : [])];
  const env = { ...process.env, ...environmentOf(context, options) };
  // The same process goes on as the supervisor, so that a signal to `sluice up` reaches it and none is left between.
  if (typeof process.execve === 'function') process.execve(process.execPath, [process.execPath, ...args], env);
  context.exitWith(await runUntilEnd(args, env));
}

function environmentOf({ settings }: CliContext, { logLevel, withDocker }: UpOptions): Record<string, string> {
  const level = logLevel === undefined ? {} : { SLUICE_LOG_LEVEL: logLevel };
  const engine = withDocker ? { [WITH_DOCKER_VARIABLE]: '1' } : {};
  return { ...variablesOf(settings), NODE_COMPILE_CACHE: COMPILE_CACHE, ...level, ...engine };
}

function runUntilEnd(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(process.execPath, args, { stdio: 'inherit', env });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // A terminal sends Ctrl-C to both.
    process.on(signal, () => void (signal !== 'SIGINT' && child.kill(signal)));
  }
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
}

/** Stops the stack of the data directory. */
export async function down(context: CliContext): Promise<void> {
  const { dataDirectory } = context.settings;
  const { stopped, leftovers } = await stopStack(dataDirectory);
  const left = leftovers === 0 ? '' : `${counted(leftovers, 'process', 'processes')} of a killed sluice up ended`;
  const text = stopped === null ? left || `nothing runs for ${dataDirectory}` : `stopped (pid ${stopped})`;
  context.print({ data_directory: dataDirectory, stopped_pid: stopped, leftovers_ended: leftovers }, text);
}

/** Says how every part is. */
export async function status(context: CliContext): Promise<void> {
  const found = await inspectStack(context.settings);
  context.print(
    { well: found.well, data_directory: found.dataDirectory, parts: found.parts },
    renderStatus(found, context.colour, lookOf(context).clock),
  );
  if (!found.well) context.exitWith(EXIT_NOT_WELL);
}

/** Says what is there, what is missing, and what mends it. */
export async function doctor(context: CliContext): Promise<void> {
  const diagnosis = await examine(context.settings, process.env);
  const { well, findings, withoutIt } = diagnosis;
  context.print(
    { well, findings, without_it: withoutIt },
    renderDiagnosis(diagnosis, context.colour, lookOf(context).clock),
  );
  if (!well) context.exitWith(EXIT_NOT_WELL);
}

/** Brings the database to this version's schema. */
export async function migrateDatabase(context: CliContext): Promise<void> {
  const { applied, at } = await migrated(context);
  const done = applied.length === 0 ? 'nothing to do' : `applied ${applied.join(', ')}`;
  context.print({ applied, at }, `${done}; the schema stands at ${at}`);
}

/** As every command, it waits for a database that is being started again. */
async function migrated(context: CliContext): Promise<MigrationReport> {
  const { settings } = context;
  const { databaseUrl, waitForPartMs } = settings;
  const note = (line: string): void => context.note(line);
  const forMs = mayComeBack(settings, 'database') ? waitForPartMs : 0;
  const address = new URL(databaseUrl).host;
  const isPassing = (error: unknown): boolean => isLostConnection(error) || (forMs > 0 && isUnmade(error));
  const attempt = (): Promise<MigrationReport> =>
    migrate(databaseUrl).catch((error: unknown) => {
      // Lost on the way, PostgreSQL said nothing that a person should read as its answer.
      const { cause } = error as Error;
      throw isPassing(cause) ? cause : error;
    });
  return waitForPart({ part: 'PostgreSQL', address, forMs, note, isPassing }, attempt);
}

/** `sluice up` makes the database only after the server answers. */
const isUnmade = (error: unknown): boolean => (error as { code?: unknown }).code === '3D000';
