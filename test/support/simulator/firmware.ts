/** Firmware for tests, signed by a key of the test: written apart from the code that checks it. */
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

export interface TestKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly publicKeyPem: string;
}

export interface TestDocument {
  readonly operation: 'firmware.install';
  readonly name: string;
  readonly version: string;
  readonly artifacts: { url: string; size: number; sha256: string; sig: string }[];
  readonly compat: string[];
  readonly confirmWithinS: number;
  readonly minimumVersion?: string;
  readonly wayBack?: true;
}

export function newKey(): TestKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { privateKey, publicKey, publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
}

/** `sizeBytes` of firmware that differ from version to version. */
export function firmwareBytes(version: string, sizeBytes = 65_536): Buffer {
  return Buffer.alloc(sizeBytes, `firmware ${version} `);
}

export interface DocumentOptions {
  /** Where artifacts are served. */
  readonly baseUrl?: string;
  readonly minimumVersion?: string;
}

/** The job document of `bytes` as the product's convention has it. */
export function signedDocument(
  key: TestKey,
  version: string,
  bytes: Buffer,
  { baseUrl = 'http://127.0.0.1:1', minimumVersion }: DocumentOptions = {},
): TestDocument {
  const minimum = JSON.stringify(minimumVersion ?? null);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const signed = `{"compat":["edge-a"],"minimumVersion":${minimum},"name":"edge","sha256":"${sha256}","size":${bytes.length},"version":"${version}"}`;
  const sig = sign(null, Buffer.from(signed, 'utf8'), key.privateKey).toString('base64');
  return {
    operation: 'firmware.install',
    name: 'edge',
    version,
    artifacts: [{ url: `${baseUrl}/artifacts/${sha256}`, size: bytes.length, sha256, sig }],
    compat: ['edge-a'],
    confirmWithinS: 300,
    ...(minimumVersion !== undefined && { minimumVersion }),
  };
}
