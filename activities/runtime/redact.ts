// What checks and commands printed is kept as evidence: without secrets, and never more than a page.
import { HIDDEN, redactText } from '#domain/redaction.ts';

const MAX_CHARS = 8_192;

/** `text` without the known secrets and without what looks like a credential. */
export function redact(text: string, secrets: readonly string[] = []): string {
  let clean = text;
  for (const secret of secrets) if (secret.length > 0) clean = clean.replaceAll(secret, HIDDEN);
  return redactText(clean);
}

/** The end of `text`, where commands say what went wrong; at most `maxChars` characters. */
export function tail(text: string, maxChars = MAX_CHARS): string {
  return text.length <= maxChars ? text : `… (${text.length - maxChars} characters before)\n${text.slice(-maxChars)}`;
}

/** The beginning of `text`, where answers say what they are. */
export function head(text: string, maxChars = MAX_CHARS): string {
  return text.length <= maxChars ? text : `${text.slice(0, maxChars)}\n… (${text.length - maxChars} more characters)`;
}
