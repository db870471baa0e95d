/** The device's own judgement of a firmware: nothing is written to flash that the provisioned key did not sign. */
import { verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Artifact, JobDocument } from './wire.schema.ts';

/**
 * The bytes a signature covers: RFC 8785 of what the device is about to trust, in the document's own values.
 * @internal a rule with tests of its own
 */
export function signedBytes(document: JobDocument, artifact: Artifact): Buffer {
  const { compat, minimumVersion = null, name, version } = document;
  const { sha256, size } = artifact;
  const text = canonicalize({ compat, minimumVersion, name, sha256, size, version });
  return Buffer.from(text ?? '', 'utf8');
}

/** True when every artifact of the document carries a valid Ed25519 signature of `publicKey`. */
export function isSigned(document: JobDocument, publicKey: KeyObject): boolean {
  return document.artifacts.every((artifact) =>
    verify(null, signedBytes(document, artifact), publicKey, Buffer.from(artifact.sig, 'base64')),
  );
}

/** Negative, zero or positive as `left` is older than, the same as or newer than `right`; numbers compare as numbers. */
export function compareVersions(left: string, right: string): number {
  const [ours, theirs] = [left.split(/[.+-]/), right.split(/[.+-]/)];
  for (let at = 0; at < Math.max(ours.length, theirs.length); at++) {
    const order = (ours[at] ?? '0').localeCompare(theirs[at] ?? '0', 'en', { numeric: true });
    if (order !== 0) return order;
  }
  return 0;
}
