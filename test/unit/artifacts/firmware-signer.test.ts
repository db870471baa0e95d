import { generateKeyPairSync, createPublicKey } from 'node:crypto';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FirmwareManifest } from '#domain/fleet/job-document.ts';
import { loadOrCreateSigner } from '../../../activities/adapters/signing/firmware-signer.ts';
import { isSignedManifest, signManifest } from '../../../activities/adapters/signing/signed-manifest.ts';
import { makeTempFolder, type TempFolder } from '../../support/servers/temp-folder.ts';

let folder: TempFolder;
beforeEach(() => {
  folder = makeTempFolder('signing');
});
afterEach(() => folder.remove());

const MANIFEST: FirmwareManifest = {
  compat: ['edge-a'],
  minimumVersion: '1.0.0',
  name: 'edge',
  sha256: 'ab'.repeat(32),
  size: 65_536,
  version: '1.1.0',
};
const own = () => join(folder.path, 'keys', 'firmware-signing.pem');
const trusted = () => join(folder.path, 'keys', 'firmware-signing.pub.pem');

function writeKey(type: 'ed25519' | 'rsa', name: string): string {
  const { privateKey } =
    type === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ed25519');
  const file = join(folder.path, name);
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  return file;
}

describe('the signing key', () => {
  it('is made on first use, readable by its owner only, with its public half beside it', () => {
    const signer = loadOrCreateSigner(folder.path);
    expect(statSync(own()).mode & 0o777).toBe(0o600);
    expect(readFileSync(trusted(), 'utf8')).toBe(signer.publicKeyPem);
    expect(signer.publicKeyPem).toContain('BEGIN PUBLIC KEY');
  });

  it('stays the same afterwards', () => {
    expect(loadOrCreateSigner(folder.path).keyId).toBe(loadOrCreateSigner(folder.path).keyId);
  });

  it('gets its public half back when a crash left only the private one', () => {
    const { publicKeyPem } = loadOrCreateSigner(folder.path);
    rmSync(trusted());
    expect(loadOrCreateSigner(folder.path).publicKeyPem).toBe(publicKeyPem);
    expect(readFileSync(trusted(), 'utf8')).toBe(publicKeyPem);
  });

  it('may be given, and then only its public half is kept', () => {
    const file = writeKey('ed25519', 'given.pem');
    const signer = loadOrCreateSigner(folder.path, file);
    expect(() => statSync(own())).toThrow();
    expect(readFileSync(trusted(), 'utf8')).toBe(signer.publicKeyPem);
  });

  it('must be given again once it was given', () => {
    loadOrCreateSigner(folder.path, writeKey('ed25519', 'given.pem'));
    expect(() => loadOrCreateSigner(folder.path)).toThrow(expect.objectContaining({ code: 'SIGNING_KEY_NEEDED' }));
  });

  it('cannot be another one than devices trust', () => {
    loadOrCreateSigner(folder.path);
    const other = writeKey('ed25519', 'other.pem');
    expect(() => loadOrCreateSigner(folder.path, other)).toThrow(
      expect.objectContaining({ code: 'SIGNING_KEY_OTHER' }),
    );
  });

  it.each(['rsa', 'text', 'missing'] as const)('is refused when the file is no Ed25519 key: %s', (kind) => {
    const file = kind === 'rsa' ? writeKey('rsa', 'rsa.pem') : join(folder.path, 'file.pem');
    if (kind === 'text') writeFileSync(file, 'not a key');
    expect(() => loadOrCreateSigner(folder.path, file)).toThrow(
      expect.objectContaining({ code: 'SIGNING_KEY_INVALID' }),
    );
  });
});

describe('a signature', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');

  it('does not depend on the order of the keys in the manifest', () => {
    const { version, size, sha256, name, minimumVersion, compat } = MANIFEST;
    const turned = { version, size, sha256, name, minimumVersion, compat };
    expect(signManifest(turned, privateKey)).toBe(signManifest(MANIFEST, privateKey));
  });

  it('fits no other manifest and no other key', () => {
    const text = fc.string({ minLength: 1 });
    const manifest = fc.record({
      compat: fc.array(text),
      minimumVersion: fc.option(text),
      name: text,
      sha256: text,
      size: fc.nat(),
      version: text,
    });
    fc.assert(
      fc.property(manifest, manifest, (signed, other) => {
        const signature = signManifest(signed, privateKey);
        expect(isSignedManifest(signed, signature, publicKey)).toBe(true);
        expect(isSignedManifest(other, signature, publicKey)).toBe(JSON.stringify(other) === JSON.stringify(signed));
      }),
    );
    const signature = signManifest(MANIFEST, privateKey);
    const stranger = createPublicKey(generateKeyPairSync('ed25519').privateKey);
    expect(isSignedManifest(MANIFEST, signature, stranger)).toBe(false);
    expect(isSignedManifest(MANIFEST, 'bm90IGEgc2lnbmF0dXJl', publicKey)).toBe(false);
  });
});
