import { entry } from './entry.ts';

/** A port that somebody else has, and how to ask for another. */
export interface TakenPort {
  readonly part: string;
  readonly port: number;
  readonly flag: string;
  readonly variable: string;
}

/** Errors of the installation: ports, processes, stores, the command line itself. */
export const platformErrors = {
  PORT_IN_USE: entry<{ taken: readonly TakenPort[] }>(
    'CONFLICT',
    ({ taken }) => {
      const ports = taken.map(({ port, part }) => `${port} for ${part}`).join(', ');
      return taken.length === 1 ? `port ${ports} is in use` : `ports are in use: ${ports}`;
    },
    ({ taken = [] }) => {
      const ways = taken.map(({ flag, variable }) => `${flag} PORT (or ${variable})`);
      return taken.length === 1 ? `choose another: ${ways.join()}` : `choose others:\n${ways.join('\n')}`;
    },
  ),
  DATA_DIR_UNUSABLE: entry<{ directory: string; why: string }>(
    'INVALID',
    (d) => `nothing can be kept in ${d.directory}: ${d.why}`,
    'choose another: --data-dir DIRECTORY (or SLUICE_DATA_DIR)',
  ),
  DATA_DIR_FOREIGN: entry<{ directory: string; database: string; owner: string }>(
    'CONFLICT',
    (d) => `${d.directory} is not the data directory of the database at ${d.database}`,
    (d) => `work from the folder that holds it, or name it: --data-dir ${d.owner} (or SLUICE_DATA_DIR)`,
  ),
  STACK_NOT_RUNNING: entry<{ part: string; address: string }>(
    'TRANSIENT',
    (d) => `${d.part} does not answer at ${d.address}`,
    'start it: npx sluice up',
  ),
  STACK_ALREADY_RUNNING: entry<{ pid: number; directory: string }>(
    'CONFLICT',
    (d) => `sluice up already runs for ${d.directory} (pid ${d.pid})`,
    'sluice status · sluice down',
  ),
  STACK_NOT_STOPPED: entry<{ pid: number; directory: string }>(
    'TRANSIENT',
    (d) => `sluice up for ${d.directory} (pid ${d.pid}) was asked to stop, but still runs`,
    (d) => `kill -9 ${d.pid}, then sluice down`,
  ),
  STACK_PART_FAILED: entry<{ part: string; why: string; log: string }>(
    'TRANSIENT',
    (d) => `${d.part} did not start: ${d.why}`,
    (d) => `its log: ${d.log} · sluice doctor`,
  ),
  COMPONENT_MISSING: entry<{ component: string; looked: string }>(
    'TRANSIENT',
    (d) => `${d.component} was not found (looked in ${d.looked})`,
    'npx sluice setup installs it · sluice doctor lists what is missing',
  ),
  TEMPORAL_NAMESPACE_MISSING: entry<{ namespace: string; address: string }>(
    'NOT_FOUND',
    (d) => `Temporal at ${d.address} has no namespace ${d.namespace}`,
    (d) => `temporal operator namespace create --namespace ${d.namespace} · TEMPORAL_NAMESPACE names another`,
  ),
  DATABASE_ERROR: entry<{ why: string }>('TRANSIENT', (d) => `PostgreSQL: ${d.why}`, 'sluice status'),
  DATABASE_NEWER: entry<{ found: string }>(
    'CONFLICT',
    (d) => `the database was migrated by a newer Sluice (${d.found})`,
    'run that version; migrations only go forward',
  ),
  HTTP_ROUTE_UNKNOWN: entry<{ method: string; path: string }>(
    'NOT_FOUND',
    (d) => `${d.method} ${d.path} leads nowhere`,
    'GET /artifacts/SHA256 · GET /keys/firmware.pem · GET /healthz',
  ),
  USAGE: entry<{ why: string }>('INVALID', (d) => d.why, 'sluice --help'),
  SECRET_UNRESOLVED: entry<{ ref: string }>(
    'INVALID',
    (d) => `the secret ${d.ref} cannot be read`,
    'set the environment variable or file that it names',
  ),
  JOURNAL_REJECTED: entry<{ run: string; why: string }>(
    'TRANSIENT',
    (d) => `the journal of ${d.run} was not written: ${d.why}`,
    'it is written again by itself',
  ),
  INTERNAL: entry<{ why: string }>(
    'TRANSIENT',
    (d) => `unexpected: ${d.why}`,
    'run it again with --debug and report it',
  ),
};
