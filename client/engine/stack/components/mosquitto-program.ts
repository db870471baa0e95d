import { sluiceError } from '#domain/errors/failure.ts';
import { isExecutable, onPath } from './executables.ts';

// Debian installs it where the PATH of ordinary users does not look.
const USUAL_PLACES = ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto', '/opt/homebrew/sbin/mosquitto'];

/** The mosquitto broker of this machine. Throws COMPONENT_MISSING with the ways out. */
export function findMosquitto(env: NodeJS.ProcessEnv = process.env): string {
  const found = [...onPath('mosquitto', env), ...USUAL_PLACES].find(isExecutable);
  if (found) return found;
  const hint = 'npx sluice setup installs it (apt-get install mosquitto) · SLUICE_MQTT_URL uses a running broker';
  throw sluiceError('COMPONENT_MISSING', { component: 'mosquitto', looked: 'PATH, /usr/sbin' }, { hint });
}
