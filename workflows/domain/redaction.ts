// What looks like a credential, for everything that is kept or shown: logs, evidence, complaints about a file.

export const HIDDEN = '[redacted]';

const SECRET_NAME =
  /passw(?:or)?d|passphrase|(?:^|[-_])(?:pass|pwd|auth)$|secret|authorization|credential|cookie|token$|(?:private|access|api)[-_]?key|connection[-_]?string/i;
/** Tokens that tell two requests or pages apart and open nothing. */
const OPEN_NAME = /^(?:client|task|next|page|next[-_]?page)[-_]?token$/i;

/** Whether what a field of this name holds is a secret. */
export const isSecretName = (name: string): boolean => SECRET_NAME.test(name) && !OPEN_NAME.test(name);

const WORD =
  '(?:passw(?:or)?d|passphrase|(?<=[-_])pass|pwd|secret|(?<!client[-_]?)token|credentials?|(?:private|access|api)[-_]?key|access[-_]?key[-_]?id)';
const ASSIGNED = String.raw`${WORD}\\*["']?\s*[:=]\s*`;

type Rule = readonly [pattern: RegExp, replacement: string];

const RULES: readonly Rule[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, HIDDEN],
  [/(\bset-cookie2?|\bcookie)(\\*["']?\s*[:=]\s*\\*["']?)[^\r\n"'\\]+/gi, `$1$2${HIDDEN}`],
  [
    /(\bauthorization\\*["']?\s*[:=]\s*\\*["']?)(?:(?:basic|bearer|digest|token|apikey|negotiate)\s+)?[^\s"',;\\]+/gi,
    `$1${HIDDEN}`,
  ],
  [/(\bbearer\s+)[A-Za-z0-9._~+/=-]{8,}/gi, `$1${HIDDEN}`],
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g, HIDDEN],
  [/(\bhttps?:\/\/hooks\.slack\.com\/)[^\s"'\\]+/gi, `$1${HIDDEN}`],
  // Quoted, however deep in JSON within JSON: up to the same quotation mark.
  [new RegExp(String.raw`(${ASSIGNED})(\\*["'])(?:.{0,4000}?)(?<!\\)\2`, 'gis'), `$1$2${HIDDEN}$2`],
  [new RegExp(String.raw`(${ASSIGNED}\\*["']?)[^\s"',;&\\]+`, 'gi'), `$1${HIDDEN}`],
  [new RegExp(String.raw`(\s--?${WORD}\s+)[^\s-]\S*`, 'gi'), `$1${HIDDEN}`],
  [/([?&](?:key|sig|signature|auth|x-amz-signature)=)[^\s&"'#\\]+/gi, `$1${HIDDEN}`],
];

/** From a scheme to the last `@` before a space or the next address. */
const USER_IN_URL = /\b([a-z][a-z0-9+.-]{0,30}:\/\/)((?:(?!:\/\/)[^\s"'<>`])*)@/gi;
const HOST_AND_PORT = /^[^/?#@:]*:\d{1,5}[/?#]/;
/** A name alone is no secret; one as long as a token may be a token. */
const TOKEN_LENGTH = 20;

/** `text` without what looks like a credential. Doing it twice changes nothing more. */
export function redactText(text: string): string {
  const urls = text.replace(USER_IN_URL, (whole, scheme: string, user: string) =>
    holdsCredentials(user) ? `${scheme}${HIDDEN}@` : whole,
  );
  return RULES.reduce((clean, [pattern, replacement]) => clean.replace(pattern, replacement), urls);
}

/** An unescaped `/`, `#` or `@` may stand in a password, and an `@` in the path of an address without one. */
function holdsCredentials(beforeAt: string): boolean {
  const [name = '', ...rest] = beforeAt.split(':');
  if (/[/?#]/.test(name)) return false;
  return rest.length === 0 ? name.length >= TOKEN_LENGTH : !HOST_AND_PORT.test(beforeAt);
}
