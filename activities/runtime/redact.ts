// What checks and commands printed is kept as evidence: without secrets, and never more than a page.

const MAX_CHARS = 8_192;
const HIDDEN = '[redacted]';
const CREDENTIALS: readonly (readonly [RegExp, string])[] = [
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@:]*:[^\s/@]*@/gi, `$1${HIDDEN}@`],
  [/(\bauthorization\s*[:=]\s*)(?:(?:basic|bearer|digest)\s+)?[^\s"',;]+/gi, `$1${HIDDEN}`],
  [/(\bbearer\s+)[A-Za-z0-9._~+/=-]{8,}/gi, `$1${HIDDEN}`],
  [/(\b[\w-]*(?:password|passwd|secret|token|api[_-]?key)["']?\s*[:=]\s*["']?)[^\s"',;&]+/gi, `$1${HIDDEN}`],
];

/** `text` without the known secrets and without what looks like a credential. */
export function redact(text: string, secrets: readonly string[] = []): string {
  let clean = text;
  for (const secret of secrets) if (secret.length > 0) clean = clean.replaceAll(secret, HIDDEN);
  for (const [pattern, replacement] of CREDENTIALS) clean = clean.replace(pattern, replacement);
  return clean;
}

/** The end of `text`, where commands say what went wrong; at most `maxChars` characters. */
export function tail(text: string, maxChars = MAX_CHARS): string {
  return text.length <= maxChars ? text : `… (${text.length - maxChars} characters before)\n${text.slice(-maxChars)}`;
}

/** The beginning of `text`, where answers say what they are. */
export function head(text: string, maxChars = MAX_CHARS): string {
  return text.length <= maxChars ? text : `${text.slice(0, maxChars)}\n… (${text.length - maxChars} more characters)`;
}
