import { counted } from '../counted.ts';
import { entry } from './entry.ts';

/** Errors of devices, artifacts and the fleet's gateway. */
export const fleetErrors = {
  DEVICE_UNKNOWN: entry<{ thing: string }>(
    'NOT_FOUND',
    (d) => `device ${d.thing} does not exist`,
    'sluice device list',
  ),
  DEVICE_INVALID: entry<{ thing: string; why: string }>(
    'INVALID',
    (d) => `device ${JSON.stringify(d.thing)}: ${d.why}`,
    'a thing name has 1 to 128 characters of A-Z a-z 0-9 : _ -',
  ),
  IMPORT_ROWS_REFUSED: entry<{ refused: number; kept: number }>(
    'INVALID',
    (d) => `${counted(d.refused, 'row')} refused, ${d.kept} kept`,
    'correct the named rows and import them again; rows already kept do no harm',
  ),
  IMPORT_UNREADABLE: entry<{ file: string; why: string }>(
    'INVALID',
    (d) => `cannot import ${d.file}: ${d.why}`,
    'a CSV file with the header thing,hardware,firmware,tags, or a JSON array of {thing, hardware, firmware, tags}',
  ),
  CREDENTIALS_NOT_APPLIED: entry<{ waitedMs: number }>(
    'TRANSIENT',
    (d) => `the broker did not take the new credentials within ${d.waitedMs / 1000} s`,
    'the devices are registered; sluice status tells how the gateway and the broker are',
  ),
  SIMULATOR_FAILED: entry<{ why: string }>(
    'TRANSIENT',
    (d) => `the simulated devices ended: ${d.why}`,
    'sluice status · the ledger keeps what the devices did',
  ),
  ARTIFACT_INVALID: entry<{ field: string; why: string }>(
    'INVALID',
    (d) => `${d.field}: ${d.why}`,
    'sluice artifact add FILE --name edge --version 1.1.0 --hardware edge-a',
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
  ARTIFACT_DIFFERS: entry<{ name: string; version: string; what: string; stored: string; got: string }>(
    'CONFLICT',
    (d) => `${d.name} ${d.version} exists with the same bytes, but ${d.what} ${d.stored}, not ${d.got}`,
    'what was signed never changes: give it a new version',
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
  ARTIFACT_TOO_LARGE: entry<{ source: string; maxSizeBytes: number }>(
    'INVALID',
    (d) => `${d.source} has more than ${d.maxSizeBytes} bytes; nothing was stored`,
    'is it the firmware? then: --max-size 4GiB',
  ),
  SIGNING_KEY_INVALID: entry<{ file: string; why: string }>(
    'INVALID',
    (d) => `${d.file} holds no Ed25519 private key: ${d.why}`,
    'openssl genpkey -algorithm ed25519 -out key.pem',
  ),
  SIGNING_KEY_OTHER: entry<{ keyId: string; got: string }>(
    'CONFLICT',
    (d) => `devices here trust the signing key ${d.keyId}, not ${d.got}`,
    'a device holds one public key, from provisioning: sign with that one',
  ),
  SIGNING_KEY_NEEDED: entry<{ keyId: string }>(
    'INVALID',
    (d) => `the signing key ${d.keyId} is kept elsewhere`,
    'give it again: --signing-key FILE',
  ),
  ROLLOUT_UNPREPARED: entry<{ run: string }>(
    'NOT_FOUND',
    (d) => `run ${d.run} has no targets yet`,
    (d) => `sluice run show ${d.run}`,
  ),
  OFFERS_WITHDRAWN: entry<{ run: string; wave: number }>(
    'CONFLICT',
    (d) => `wave ${d.wave} of run ${d.run} was withdrawn and cannot be offered again`,
    'make a new run: sluice deploy execute --plan-id ID',
  ),
  NOTHING_YET: entry<{ look: number }>(
    'EXPECTED_WAIT',
    (d) => `look ${d.look}: within limits`,
    'nothing to do: the next look comes by itself',
  ),
  SIGNING_KEY_MISSING: entry(
    'NOT_FOUND',
    () => 'there is no firmware key yet',
    'the first artifact makes it: sluice artifact add FILE --name NAME --version VERSION --hardware HARDWARE',
  ),
  ARTIFACT_BYTES_UNKNOWN: entry<{ sha256: string }>(
    'NOT_FOUND',
    (d) => `no artifact has sha256 ${d.sha256}`,
    'sluice artifact list',
  ),
  RANGE_NOT_SATISFIABLE: entry<{ range: string; sizeBytes: number }>(
    'INVALID',
    (d) => `range ${d.range} lies outside the ${d.sizeBytes} bytes`,
    'ask for a part of it, or without a Range header for all',
  ),
  DEVICE_NOT_AUTHENTICATED: entry(
    'FORBIDDEN',
    () => 'no device proved who it is',
    'HTTP Basic with the name and password of sluice device credentials THING',
  ),
  WATCH_BLIND: entry<{ looks: number; why: string }>(
    'TRANSIENT',
    (d) => `the rollback criteria could not be read (${counted(d.looks, 'look')}): ${d.why}`,
    'it is looked at again by itself; after some minutes the run counts it as a breach',
  ),
};
