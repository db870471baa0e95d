import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sluiceError } from '#domain/errors/failure.ts';
import { isExecutable, onPath } from './executables.ts';

const PROJECT_TOOLS = fileURLToPath(new URL('../../../../.tools/bin', import.meta.url));

/**
 * The `temporal` program: TEMPORAL_CLI_PATH, else the project's tool folder, else the PATH.
 * Throws COMPONENT_MISSING with the ways out.
 */
export function findTemporalCli(env: NodeJS.ProcessEnv = process.env): string {
  const given = env['TEMPORAL_CLI_PATH'];
  const candidates = given ? [given] : [join(PROJECT_TOOLS, 'temporal'), ...onPath('temporal', env)];
  const found = candidates.find(isExecutable);
  if (found) return found;
  const looked = given ? `TEMPORAL_CLI_PATH=${given}` : 'TEMPORAL_CLI_PATH, .tools/bin, PATH';
  const hint = 'npm run setup installs it · TEMPORAL_CLI_PATH names another · TEMPORAL_ADDRESS uses a running server';
  throw sluiceError('COMPONENT_MISSING', { component: 'temporal', looked }, { hint });
}

/** The time-skipping test server of the project's tool folder. Throws COMPONENT_MISSING. */
export function findTimeSkippingServer(): string {
  const file = join(PROJECT_TOOLS, 'temporal-test-server');
  if (isExecutable(file)) return file;
  throw sluiceError('COMPONENT_MISSING', { component: 'temporal-test-server', looked: '.tools/bin' });
}
