import { entry } from './entry.ts';

/** Errors of the router in front of an environment's containers. */
export const routerErrors = {
  ROUTER_UNREACHABLE: entry<{ socket: string; why: string }>(
    'TRANSIENT',
    (d) => `the router does not answer at ${d.socket}: ${d.why}`,
    'it is tried again by itself; sluice status tells whether the router runs',
  ),
  ROUTER_REFUSED: entry<{ command: string; words: string }>(
    'INVALID',
    (d) => `the router refused ${JSON.stringify(d.command)}: ${d.words}`,
    'it goes on serving as before; its log tells more: sluice status',
  ),
  ROUTER_LOCKED: entry<{ folder: string; waitedMs: number }>(
    'TRANSIENT',
    (d) => `another process has been writing the router in ${d.folder} for ${d.waitedMs / 1000} s`,
    'it is tried again by itself; a process that has died holds nothing',
  ),
  ROUTER_FOLDER_UNUSABLE: entry<{ folder: string; why: string }>(
    'INVALID',
    (d) => `the router's folder ${d.folder} cannot be used: ${d.why}`,
    'choose another data folder, or move what is in this one away',
  ),
  ROUTE_FENCED: entry<{ key: string; generation: number; written: number }>(
    'CONFLICT',
    (d) => `a later run (generation ${d.written}) has written the route ${d.key}; generation ${d.generation} may not`,
    (d) => `sluice status shows which run has ${d.key} now`,
  ),
  ROUTE_INVALID: entry<{ key: string; field: string; why: string }>(
    'INVALID',
    (d) => `route ${d.key}: ${d.field} ${d.why}`,
    'correct the application in its environment file and make a new plan',
  ),
  ROUTE_UNKNOWN: entry<{ key: string }>(
    'NOT_FOUND',
    (d) => `the router has no route ${d.key}`,
    'the first deployment of an application makes it',
  ),
  PORT_TAKEN: entry<{ key: string; host: string; port: number; by: string }>(
    'CONFLICT',
    (d) => `${d.key} cannot listen on ${d.host}:${d.port}: ${d.by}`,
    'free the port, or give the application another one in its environment file',
  ),
};
