import { entry } from './entry.ts';

/** Errors of the installation: ports, processes, stores, the command line itself. */
export const platformErrors = {
  PORT_IN_USE: entry<{ part: string; port: number; flag: string; variable: string }>(
    'CONFLICT',
    (d) => `port ${d.port} for ${d.part} is in use`,
    (d) => `choose another: ${d.flag} PORT (or ${d.variable})`,
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
    'npm run setup installs it · sluice doctor lists what is missing',
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
