import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareVersions, isSigned, signedBytes } from '../../../client/devices/simulator/verify.ts';
import { JobDocument } from '../../../client/devices/simulator/wire.schema.ts';
import { firmwareBytes, newKey, signedDocument } from '../../support/simulator/firmware.ts';

const key = newKey();
const bytes = firmwareBytes('1.1.0');
const document = JobDocument.parse(signedDocument(key, '1.1.0', bytes, { minimumVersion: '1.0.1' }));
const [artifact] = document.artifacts;
if (artifact === undefined) throw new Error('a document has an artifact');

const altered = (change: Partial<typeof artifact>): JobDocument => ({
  ...document,
  artifacts: [{ ...artifact, ...change }],
});

describe('the signature check', () => {
  it('accepts what the provisioned key signed', () => {
    expect(isSigned(document, key.publicKey)).toBe(true);
  });

  it('signs canonical JSON: keys in order, nothing between them', () => {
    const text = (minimum: string) =>
      `{"compat":["edge-a"],"minimumVersion":${minimum},"name":"edge","sha256":"${artifact.sha256}","size":65536,"version":"1.1.0"}`;
    expect(signedBytes(document, artifact).toString()).toBe(text('"1.0.1"'));
    expect(signedBytes({ ...document, minimumVersion: undefined }, artifact).toString()).toBe(text('null'));
  });

  it.each([
    ['another hash', altered({ sha256: artifact.sha256.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) })],
    ['another size', altered({ size: artifact.size + 1 })],
    ['another version', { ...document, version: '1.1.1' }],
    ['another name', { ...document, name: 'core' }],
    ['other hardware', { ...document, compat: ['edge-a', 'edge-b'] }],
    ['a lower minimum version', { ...document, minimumVersion: '1.0.0' }],
    ['no minimum version', { ...document, minimumVersion: undefined }],
    ['no signature', altered({ sig: '' })],
    ['a second, unsigned artifact', { ...document, artifacts: [artifact, { ...artifact, sig: '' }] }],
  ])('refuses %s', (_what, changed) => {
    expect(isSigned(changed, key.publicKey)).toBe(false);
  });

  it('refuses every signature with one altered byte', () => {
    fc.assert(
      fc.property(fc.nat(63), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const bytes = Buffer.from(artifact.sig, 'base64');
        bytes.writeUInt8(bytes.readUInt8(at) ^ mask, at);
        expect(isSigned(altered({ sig: bytes.toString('base64') }), key.publicKey)).toBe(false);
      }),
    );
  });

  it('does not depend on whether the job is a way back: a firmware is signed once, for both', () => {
    expect(isSigned({ ...document, wayBack: true }, key.publicKey)).toBe(true);
  });

  it('refuses a foreign key', () => {
    expect(isSigned(document, newKey().publicKey)).toBe(false);
  });
});

describe('versions', () => {
  it.each([
    ['1.2.0', '1.10.0', -1],
    ['1.10.0', '1.2.0', 1],
    ['2.0', '2.0.0', 0],
    ['1.0.1', '1.0', 1],
  ])('%s against %s is %i', (left, right, order) => {
    expect(Math.sign(compareVersions(left, right))).toBe(order);
  });
});
