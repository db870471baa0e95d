import { entry } from './entry.ts';

/** Errors of container engines: images, containers, ports. */
export const containerErrors = {
  ENGINE_UNREACHABLE: entry<{ engine: string; address: string; why: string }>(
    'TRANSIENT',
    (d) => `engine ${d.engine} does not answer at ${d.address}: ${d.why}`,
    (d) =>
      /EACCES/.test(d.why)
        ? 'this account may not use the socket: add it to the group docker'
        : `is it running? docker --host ${d.address} info`,
  ),
  ENGINE_REFUSED: entry<{ engine: string; what: string; why: string }>(
    'INVALID',
    (d) => `engine ${d.engine} refused to ${d.what}: ${d.why}`,
    'correct what the engine names (mounts, networks, limits, command) and deploy again',
  ),
  ENGINE_DISK_FULL: entry<{ engine: string; why: string }>(
    'CONFLICT',
    (d) => `the disk of engine ${d.engine} is full: ${d.why}`,
    'make room on that machine: docker system df, then docker image prune --all',
  ),
  IMAGE_NOT_FOUND: entry<{ image: string; looked: string }>(
    'NOT_FOUND',
    (d) => `image ${d.image} was not found (looked in ${d.looked})`,
    (d) => `push it, or correct its name or the registry's credentials: docker push ${d.image}`,
  ),
  IMAGE_DIGEST_MISMATCH: entry<{ image: string; expected: string; got: string }>(
    'INVALID',
    (d) => `image ${d.image} came as ${d.got}, not as ${d.expected}`,
    'do not run it: the registry, or something before it, answers with other bytes; push the image again',
  ),
  IMAGE_PULL_FAILED: entry<{ image: string; engine: string; why: string }>(
    'TRANSIENT',
    (d) => `engine ${d.engine} could not pull ${d.image}: ${d.why}`,
    'it is tried again by itself; can that machine reach the registry? docker pull IMAGE tells',
  ),
  ENGINE_PORT_TAKEN: entry<{ engine: string; why: string }>(
    'CONFLICT',
    (d) => `a port is in use on engine ${d.engine}: ${d.why}`,
    'docker ps shows which container publishes it; stop that one, or widen the range of free ports',
  ),
  CONTAINER_FOREIGN: entry<{ name: string; engine: string; owner: string }>(
    'CONFLICT',
    (d) => `container ${d.name} on engine ${d.engine} belongs to ${d.owner}`,
    (d) => `look at it: docker inspect ${d.name}; nothing of it was changed`,
  ),
  CONTAINER_UNKNOWN: entry<{ name: string; engine: string }>(
    'NOT_FOUND',
    (d) => `engine ${d.engine} has no container ${d.name}`,
    'docker ps --all; deploy again to create it',
  ),
  CONTAINER_STUCK: entry<{ name: string; engine: string; why: string }>(
    'TRANSIENT',
    (d) => `engine ${d.engine} died when it started container ${d.name}, and cannot start it any more: ${d.why}`,
    (d) => `it is made anew by itself; by hand: docker rm --force ${d.name}`,
  ),
  CONTAINER_COMMAND_TIMED_OUT: entry<{ name: string; command: string; timeoutMs: number }>(
    'AMBIGUOUS',
    (d) => `${d.command} in container ${d.name} did not end within ${d.timeoutMs} ms`,
    'it may still run there: docker top NAME; give it more time, or make it quicker',
  ),
};
