import { sluiceError } from '#domain/errors/failure.ts';
import { isExecutable, onPath } from './executables.ts';

// Installed where the PATH of ordinary users does not look.
const USUAL_PLACES = ['/usr/sbin/dockerd', '/usr/bin/dockerd', '/usr/local/bin/dockerd'];

/**
 * The Docker Engine's daemon: DOCKERD_PATH, else the PATH and the usual places.
 * Throws COMPONENT_MISSING with the ways out.
 */
export function findDockerd(env: NodeJS.ProcessEnv = process.env): string {
  const given = env['DOCKERD_PATH'];
  const found = (given ? [given] : [...onPath('dockerd', env), ...USUAL_PLACES]).find(isExecutable);
  if (found) return found;
  const looked = given ? `DOCKERD_PATH=${given}` : 'DOCKERD_PATH, PATH, /usr/sbin';
  const hint =
    'npx sluice setup installs it (apt-get install docker.io) · DOCKERD_PATH names another · DOCKER_HOST uses a running engine';
  throw sluiceError('COMPONENT_MISSING', { component: 'dockerd', looked }, { hint });
}
