import { sluiceError } from '#domain/errors/failure.ts';
import { isExecutable, onPath } from './executables.ts';

/**
 * The image registry of this machine (Debian's `docker-registry`, elsewhere `registry`): REGISTRY_PATH, else the PATH.
 * Throws COMPONENT_MISSING with the ways out.
 */
export function findRegistry(env: NodeJS.ProcessEnv = process.env): string {
  const given = env['REGISTRY_PATH'];
  const candidates = given ? [given] : ['docker-registry', 'registry'].flatMap((name) => onPath(name, env));
  const found = candidates.find(isExecutable);
  if (found) return found;
  const looked = given ? `REGISTRY_PATH=${given}` : 'REGISTRY_PATH, PATH';
  const hint = 'npx sluice setup installs it (apt-get install docker-registry) · REGISTRY_PATH names another';
  throw sluiceError('COMPONENT_MISSING', { component: 'docker-registry', looked }, { hint });
}
