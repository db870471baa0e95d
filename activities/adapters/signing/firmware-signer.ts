/** The key that signs firmware: `keys/firmware-signing.pem` in the data directory, or a file that stays where it is. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sluiceError } from '#domain/errors/failure.ts';
import type { FirmwareManifest } from '#domain/fleet/job-document.ts';
import { createFileOnce } from './create-file-once.ts';
import { keyIdOf, signManifest } from './signed-manifest.ts';

export interface FirmwareSigner {
  readonly keyId: string;
  /** SPKI PEM: what devices get at provisioning. */
  readonly publicKeyPem: string;
  /** Base64. */
  sign(manifest: FirmwareManifest): string;
}

const PRIVATE = 'firmware-signing.pem';
const PUBLIC = 'firmware-signing.pub.pem';
const keyFile = (dataDirectory: string, name: string): string => join(dataDirectory, 'keys', name);

/**
 * The signer of this installation. With `givenKeyFile` it signs with that key, whose public half alone is kept here;
 * without, with the key of the data directory, made at the first use (mode 0600).
 * Throws SIGNING_KEY_INVALID, SIGNING_KEY_OTHER when devices here trust another key, SIGNING_KEY_NEEDED when the first
 * firmware was signed with a key that was given and must be given again.
 */
export function loadOrCreateSigner(dataDirectory: string, givenKeyFile: string | null = null): FirmwareSigner {
  const own = keyFile(dataDirectory, PRIVATE);
  if (givenKeyFile === null && !existsSync(own)) {
    refuseWithoutKnownKey(dataDirectory);
    const { privateKey } = generateKeyPairSync('ed25519');
    createFileOnce(own, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 0o600);
  }
  const privateKey = readPrivateKey(givenKeyFile ?? own);
  const publicKey = createPublicKey(privateKey);
  const publicKeyPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  createFileOnce(keyFile(dataDirectory, PUBLIC), publicKeyPem, 0o644);
  const keyId = keyIdOf(publicKey);
  const trusted = trustedKey(dataDirectory);
  if (trusted !== null && keyIdOf(trusted) !== keyId) {
    throw sluiceError('SIGNING_KEY_OTHER', { keyId: keyIdOf(trusted), got: keyId }, { where: givenKeyFile ?? own });
  }
  return { keyId, publicKeyPem, sign: (manifest) => signManifest(manifest, privateKey) };
}

/** The public key that devices of this installation trust; null before the first use of a signing key. */
export function trustedKey(dataDirectory: string): KeyObject | null {
  const file = keyFile(dataDirectory, PUBLIC);
  return existsSync(file) ? createPublicKey(readFileSync(file)) : null;
}

/** The public key (SPKI PEM) that devices get at provisioning; the first call may make the signing key. */
export function ensureTrustedKeyPem(dataDirectory: string): string {
  const trusted = trustedKey(dataDirectory);
  if (trusted === null) return loadOrCreateSigner(dataDirectory).publicKeyPem;
  return trusted.export({ type: 'spki', format: 'pem' }).toString();
}

function refuseWithoutKnownKey(dataDirectory: string): void {
  const known = trustedKey(dataDirectory);
  if (known !== null) throw sluiceError('SIGNING_KEY_NEEDED', { keyId: keyIdOf(known) }, { where: '--signing-key' });
}

function readPrivateKey(file: string): KeyObject {
  try {
    const key = createPrivateKey(readFileSync(file));
    if (key.asymmetricKeyType === 'ed25519') return key;
    throw new Error(`it holds a key of type ${key.asymmetricKeyType ?? 'unknown'}`);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw sluiceError('SIGNING_KEY_INVALID', { file, why }, { where: '--signing-key', cause: error });
  }
}
