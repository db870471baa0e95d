import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { destination, type Logger } from 'pino';
import { toSluiceError } from '../../client/cli/errors.ts';
import { errorDocument, renderError } from '../../client/cli/render/error.ts';
import { safeJson, safeText } from '../../client/cli/render/printable.ts';
import { allowsColour } from '../../client/cli/terminal.ts';
import { openDataDirectory } from '../../client/engine/data-directory.ts';
import { createLogger, logLevelOf } from '../../client/engine/logging.ts';
import { readUpSettings, type Settings } from '../../client/engine/settings.ts';
import { narrateToPeople, narrateToPrograms } from './narrate.ts';
import { logFileOf } from './part-process.ts';
import { STANDARD_ENTRIES, type Entries } from './parts/node.part.ts';
import { runStack } from './run-stack.ts';
import { standardParts } from './standard-parts.ts';
import { stopOnSignals } from './stop-request.ts';

/**
 * Runs the stack as this whole process, which ends with it. Settings come from the environment (the CLI puts its flags
 * there), `--json` says for whom to print. `entries` puts other programs in the place of Sluice's own.
 */
export async function runStackProcess(entries: Entries = STANDARD_ENTRIES): Promise<never> {
  const { env, stdout, stderr } = process;
  const json = process.argv.includes('--json');
  // The terminal may be closed, the reader of a pipe may leave: the parts are kept and ended in order all the same.
  for (const stream of [stdout, stderr]) stream.on('error', () => undefined);
  // Heard from the first moment on: a Ctrl-C while parts start must not leave them behind.
  const stop = stopOnSignals();
  const write = (text: string) => void stdout.write(text);
  try {
    const wanted = readUpSettings(env);
    const settings = { ...wanted, dataDirectory: openDataDirectory(wanted.dataDirectory) };
    const narrator = json
      ? narrateToPrograms(settings, write)
      : narrateToPeople(settings, { write, colour: allowsColour(stdout, env), live: stdout.isTTY });
    const parts = standardParts(settings, env, entries);
    const logger = openLog(settings, env);
    await runStack({ settings, logLevel: logger.level, parts, narrator, logger, stop });
    process.exit(0);
  } catch (error) {
    const failure = toSluiceError(error);
    const colour = allowsColour(stderr, env);
    if (json) write(`${safeJson(errorDocument(failure.report), 2)}\n`);
    else stderr.write(safeText(renderError(failure.report, colour), colour));
    process.exit(failure.exitCode);
  }
}

function openLog({ dataDirectory }: Settings, env: NodeJS.ProcessEnv): Logger {
  const file = logFileOf(dataDirectory, 'up');
  mkdirSync(dirname(file), { recursive: true });
  // Written at once: the last lines before a kill are the interesting ones.
  return createLogger('up', logLevelOf(env), destination({ dest: file, sync: true }));
}
