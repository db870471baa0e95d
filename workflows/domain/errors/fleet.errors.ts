import { entry } from './entry.ts';

/** Errors of devices, artifacts and the fleet's gateway. */
export const fleetErrors = {
  DEVICE_UNKNOWN: entry<{ thing: string }>('NOT_FOUND', (d) => `device ${d.thing} does not exist`, 'sluice device list'),
  DEVICE_INVALID: entry<{ thing: string; why: string }>(
    'INVALID',
    (d) => `device ${JSON.stringify(d.thing)}: ${d.why}`,
    'a thing name has 1 to 128 characters of A-Z a-z 0-9 : _ -',
  ),
  IMPORT_ROWS_REFUSED: entry<{ refused: number; kept: number }>(
    'INVALID',
    (d) => `${d.refused} rows refused, ${d.kept} kept`,
    'correct the named rows and import them again; rows already kept do no harm',
  ),
  ARTIFACT_UNKNOWN: entry<{ name: string; version: string }>(
    'NOT_FOUND',
    (d) => `artifact ${d.name} ${d.version} does not exist`,
    'sluice artifact list',
  ),
  ARTIFACT_EXISTS: entry<{ name: string; version: string; sha256: string; got: string }>(
    'CONFLICT',
    (d) => `${d.name} ${d.version} exists with other bytes (sha256 ${d.sha256}, not ${d.got})`,
    'a released version never changes: give the new bytes a new version',
  ),
  ARTIFACT_DIGEST_MISMATCH: entry<{ expected: string; got: string }>(
    'INVALID',
    (d) => `the bytes have sha256 ${d.got}, not ${d.expected}`,
    'fetch the file again; nothing was stored',
  ),
  ARTIFACT_CORRUPT: entry<{ name: string; version: string; why: string }>(
    'INVALID',
    (d) => `artifact ${d.name} ${d.version} is damaged: ${d.why}`,
    (d) => `sluice artifact verify --name ${d.name} --version ${d.version}; add the original bytes again`,
  ),
  ARTIFACT_UNREADABLE: entry<{ source: string; why: string }>(
    'INVALID',
    (d) => `cannot read ${d.source}: ${d.why}`,
    'give a file or an http(s) URL',
  ),
  SIGNING_KEY_INVALID: entry<{ file: string; why: string }>(
    'INVALID',
    (d) => `${d.file} holds no Ed25519 private key: ${d.why}`,
    'openssl genpkey -algorithm ed25519 -out key.pem',
  ),
};
