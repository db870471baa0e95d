/** What reading the stored bytes of a firmware again found. */
export type BytesCheck =
  { readonly kind: 'intact' } | { readonly kind: 'missing' } | { readonly kind: 'altered'; readonly why: string };

/** Whether the signature fits what is said of the firmware, by the key that devices trust. */
export type SignatureCheck = 'valid' | 'invalid' | 'no-key';

/** Whether a firmware is still what was added; `why` says what differs. */
export type ArtifactCheck = { readonly kind: 'intact' } | { readonly kind: 'damaged'; readonly why: string };

/** The verdict of both checks. A device would refuse what is damaged. */
export function judgeArtifact(bytes: BytesCheck, signature: SignatureCheck): ArtifactCheck {
  if (bytes.kind === 'missing') return damaged('its bytes are missing from the artifact folder');
  if (bytes.kind === 'altered') return damaged(`its bytes were altered: ${bytes.why}`);
  if (signature === 'no-key')
    return damaged('the public key that devices trust is missing (keys/firmware-signing.pub.pem)');
  if (signature === 'valid') return { kind: 'intact' };
  return damaged('its signature does not fit its name, version, hardware, minimum version, size and hash');
}

const damaged = (why: string): ArtifactCheck => ({ kind: 'damaged', why });
