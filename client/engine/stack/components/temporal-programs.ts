import { join } from 'node:path';
import { sluiceError } from '#domain/errors/failure.ts';
import { toolsFolder } from '../../own-tree.ts';
import { isExecutable, onPath } from './executables.ts';

/**
 * The `temporal` program: TEMPORAL_CLI_PATH, else the tool folder of set-up, else the PATH.
 * Throws COMPONENT_MISSING with the ways out.
 */
export function findTemporalCli(env: NodeJS.ProcessEnv = process.env): string {
  const given = env['TEMPORAL_CLI_PATH'];
  const candidates = given ? [given] : [join(toolsFolder(env), 'bin/temporal'), ...onPath('temporal', env)];
  const found = candidates.find(isExecutable);
  if (found) return found;
  const looked = given ? `TEMPORAL_CLI_PATH=${given}` : `TEMPORAL_CLI_PATH, ${toolsFolder(env)}/bin, PATH`;
  const hint =
    'npx sluice setup installs it · TEMPORAL_CLI_PATH names another · TEMPORAL_ADDRESS uses a running server';
  throw sluiceError('COMPONENT_MISSING', { component: 'temporal', looked }, { hint });
}

/** The time-skipping test server of the tool folder. Throws COMPONENT_MISSING. */
export function findTimeSkippingServer(): string {
  const file = join(toolsFolder(), 'bin/temporal-test-server');
  if (isExecutable(file)) return file;
  throw sluiceError('COMPONENT_MISSING', { component: 'temporal-test-server', looked: `${toolsFolder()}/bin` });
}
