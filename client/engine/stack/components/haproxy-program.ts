import { sluiceError } from '#domain/errors/failure.ts';
import { isExecutable, onPath } from './executables.ts';

// Debian installs it where the PATH of ordinary users does not look.
const USUAL_PLACES = ['/usr/sbin/haproxy', '/usr/local/sbin/haproxy', '/opt/homebrew/bin/haproxy'];

/**
 * The HAProxy of this machine: HAPROXY_PATH, else the PATH and the usual places.
 * Throws COMPONENT_MISSING with the ways out.
 */
export function findHaproxy(env: NodeJS.ProcessEnv = process.env): string {
  const given = env['HAPROXY_PATH'];
  const found = (given ? [given] : [...onPath('haproxy', env), ...USUAL_PLACES]).find(isExecutable);
  if (found) return found;
  const looked = given ? `HAPROXY_PATH=${given}` : 'HAPROXY_PATH, PATH, /usr/sbin';
  const hint = 'npx sluice setup installs it (apt-get install haproxy) · HAPROXY_PATH names another';
  throw sluiceError('COMPONENT_MISSING', { component: 'haproxy', looked }, { hint });
}
