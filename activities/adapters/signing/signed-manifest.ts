/** Ed25519 over the RFC 8785 form of a manifest: the same bytes on every machine, whatever made the JSON. */
import { createHash, sign, verify, type KeyObject } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { FirmwareManifest } from '#domain/fleet/job-document.ts';

const KEY_ID_DIGITS = 16;

/** The signature of `manifest`, base64. */
export const signManifest = (manifest: FirmwareManifest, privateKey: KeyObject): string =>
  sign(null, signedBytes(manifest), privateKey).toString('base64');

/** True when `signature` (base64) was made over this very manifest with the private half of `publicKey`. */
export const isSignedManifest = (manifest: FirmwareManifest, signature: string, publicKey: KeyObject): boolean =>
  verify(null, signedBytes(manifest), publicKey, Buffer.from(signature, 'base64'));

/** A short name of a public key: the first 16 hex digits of its SHA-256 (SPKI, DER). */
export const keyIdOf = (publicKey: KeyObject): string =>
  createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, KEY_ID_DIGITS);

function signedBytes({ compat, minimumVersion, name, sha256, size, version }: FirmwareManifest): Buffer {
  const text = canonicalize({ compat, minimumVersion, name, sha256, size, version });
  if (text === undefined) throw new Error('a manifest always has a canonical form');
  return Buffer.from(text, 'utf8');
}
