import { isSecretName, redactText } from '../redaction.ts';

/** A secret that stood in a file: the value, and the reference that stands in its place from now on. */
export interface MovedSecret {
  /** Where it stood. */
  readonly path: string;
  /** Below the data directory; the reference is `file:<file>`. */
  readonly file: string;
  readonly value: string;
}

export interface WithoutSecrets {
  readonly document: unknown;
  readonly secrets: readonly MovedSecret[];
}

type Rule = { readonly path: readonly string[]; readonly isSecret: (value: string, key: string) => boolean };

const always = (): boolean => true;
const inHeader = (_value: string, header: string): boolean => !OPEN_HEADERS.has(header.toLowerCase());
const inVariable = (value: string, name: string): boolean => isSecretName(name) || redactText(value) !== value;

/** What these say is no secret; of any other header nobody can tell. */
const OPEN_HEADERS: ReadonlySet<string> = new Set([
  ...['accept', 'accept-charset', 'accept-encoding', 'accept-language', 'cache-control', 'connection'],
  ...['content-encoding', 'content-language', 'content-type', 'host', 'origin', 'referer', 'user-agent'],
]);

/**
 * `*` stands for any one key or position. A reference in the place of any of these is left as it is. Addresses of databases
 * and webhooks are secrets whole: where in them the password stands differs from one to the next.
 */
const CHECKS_AND_GATES: readonly Rule[] = [
  { path: ['health_checks', '*', 'connection_string'], isSecret: always },
  { path: ['health_checks', '*', 'password'], isSecret: always },
  { path: ['health_checks', '*', 'headers', '*'], isSecret: inHeader },
  { path: ['health_checks', '*', 'env', '*'], isSecret: inVariable },
  { path: ['gates', '*', 'env', '*'], isSecret: inVariable },
  { path: ['gates', '*', 'http', 'headers', '*'], isSecret: inHeader },
];

/** A hook, and what undoes it. */
const HOOKS: readonly Rule[] = [[], ['compensation']].flatMap((inside): Rule[] => [
  { path: ['hooks', '*', '*', ...inside, 'env', '*'], isSecret: inVariable },
  { path: ['hooks', '*', '*', ...inside, 'http', 'headers', '*'], isSecret: inHeader },
]);

const RULES: readonly Rule[] = [
  ...CHECKS_AND_GATES,
  // The file of a release has its sections below `config`.
  ...[...CHECKS_AND_GATES, ...HOOKS].map(({ path, isSecret }) => ({ path: ['config', ...path], isSecret })),
  { path: ['config', 'header', 'secret'], isSecret: always },
  ...[...CHECKS_AND_GATES, ...HOOKS, { path: ['header', 'secret'], isSecret: always }].map(({ path, isSecret }) => ({
    path: ['environments', '*', 'promote_with', ...path],
    isSecret,
  })),
  { path: ['applications', '*', 'env', '*'], isSecret: inVariable },
  { path: ['applications', '*', 'registry', 'password'], isSecret: always },
  { path: ['applications', '*', 'routing', 'header', 'secret'], isSecret: always },
  { path: ['environments', '*', 'engines', '*', 'tls', 'ca'], isSecret: always },
  { path: ['environments', '*', 'engines', '*', 'tls', 'certificate'], isSecret: always },
  { path: ['environments', '*', 'engines', '*', 'tls', 'key'], isSecret: always },
  { path: ['environments', '*', 'engines', '*', 'ssh_key'], isSecret: always },
  { path: ['database', 'connection_string'], isSecret: always },
  { path: ['cache', 'redis_url'], isSecret: always },
  { path: ['security', 'jwt_secret'], isSecret: always },
  { path: ['notifications', 'slack', 'webhook_url'], isSecret: always },
  { path: ['notifications', 'webhook', 'url'], isSecret: always },
  { path: ['notifications', 'webhook', 'headers', '*'], isSecret: inHeader },
];

const SECRET_SECTION = /^(?:webhook|webhook_url|redis_url|headers|env|broker|tls|ssh_key)$/;

/** Whether a value at this path must never be shown, not even in the complaint that it is wrong. */
export const isSecretPath = (path: readonly PropertyKey[]): boolean =>
  path.some((key) => SECRET_SECTION.test(String(key)) || isSecretName(String(key)));

/**
 * The document with every inline secret replaced by a reference to `secrets/<scope><path>`. Pure: the caller writes the values.
 * The name follows from the place, so that the same file applied again changes nothing and a changed secret replaces the old one.
 */
export function moveSecrets(document: unknown, scope = ''): WithoutSecrets {
  const secrets: MovedSecret[] = [];
  const move = (path: readonly string[], value: string): { secretRef: string } => {
    const file = `secrets/${scope}${path.map(fileNamePart).join('.')}`;
    secrets.push({ path: path.join('.'), file, value });
    return { secretRef: `file:${file}` };
  };
  const visit = (value: unknown, path: readonly string[]): unknown => {
    if (typeof value === 'string') return isSecretAt(path, value) ? move(path, value) : value;
    if (Array.isArray(value)) return value.map((item, index) => visit(item, [...path, nameOf(item) ?? String(index)]));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(isBroker(path, value) ? withSplitBroker(value) : value);
    return Object.fromEntries(entries.map(([key, child]) => [key, visit(child, [...path, key])]));
  };
  return { document: visit(document, []), secrets };
}

/** Two places never share a file: a dot inside a name is not one between two, and what no file name takes is written out. */
const fileNamePart = (name: string): string =>
  name.replaceAll(/[^A-Za-z0-9_-]/gu, (char) => (char === '.' ? '~.' : `~${char.codePointAt(0)?.toString(16)}~`));

function isSecretAt(path: readonly string[], value: string): boolean {
  const rule = RULES.find((one) => matches(one.path, path));
  return rule !== undefined && rule.isSecret(value, path.at(-1) ?? '');
}

const matches = (pattern: readonly string[], path: readonly string[]): boolean =>
  pattern.length === path.length && pattern.every((key, index) => key === '*' || key === path[index]);

/** Checks of a plan file stand in a list; their name, not their position, names the secret. */
function nameOf(item: unknown): string | null {
  if (typeof item !== 'object' || item === null || !('name' in item)) return null;
  return typeof item.name === 'string' ? item.name : null;
}

type WithBroker = { readonly broker: string };

const isBroker = (path: readonly string[], value: object): value is WithBroker =>
  [
    ['health_checks', '*'],
    ['config', 'health_checks', '*'],
  ].some((pattern) => matches(pattern, path)) &&
  'broker' in value &&
  typeof value.broker === 'string';

/** `mqtt://user:pass@host` as broker, username and password. */
function withSplitBroker(check: WithBroker): object {
  if (!URL.canParse(check.broker)) return check;
  const url = new URL(check.broker);
  if (url.username === '' && url.password === '') return check;
  const [username, password] = [decoded(url.username), decoded(url.password)];
  const broker = `${url.protocol}//${url.host}${url.pathname}${url.search}${url.hash}`;
  return { ...check, broker, ...(username && { username }), ...(password && { password }) };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
