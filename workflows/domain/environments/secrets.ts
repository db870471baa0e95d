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

/** `*` stands for any one key or position. A reference in the place of any of these is left as it is. */
const RULES: readonly Rule[] = [
  { path: ['health_checks', '*', 'connection_string'], isSecret: hasPassword },
  { path: ['health_checks', '*', 'password'], isSecret: always },
  { path: ['database', 'connection_string'], isSecret: hasPassword },
  { path: ['cache', 'redis_url'], isSecret: hasPassword },
  { path: ['security', 'jwt_secret'], isSecret: always },
  // The path of such an address is its token.
  { path: ['notifications', 'slack', 'webhook_url'], isSecret: always },
  { path: ['notifications', 'webhook', 'url'], isSecret: hasPassword },
  { path: ['notifications', 'webhook', 'headers', '*'], isSecret: (_value, header) => SECRET_WORD.test(header) },
];

const SECRET_WORD = /authorization|token|secret|password|api[-_]?key|cookie|credential|signature/i;

/** Whether a value at this path must never be shown, not even in the complaint that it is wrong. */
export const isSecretPath = (path: readonly PropertyKey[]): boolean =>
  path.some((key) => /secret|password|token|connection_string|webhook_url|redis_url|headers|broker/i.test(String(key)));

/**
 * The document with every inline secret replaced by a reference to `secrets/<scope><path>`. Pure: the caller writes the values.
 * The name follows from the place, so that the same file applied again changes nothing and a changed secret replaces the old one.
 */
export function moveSecrets(document: unknown, scope = ''): WithoutSecrets {
  const secrets: MovedSecret[] = [];
  const move = (path: readonly string[], value: string): { secretRef: string } => {
    const file = `secrets/${(scope + path.join('.')).replaceAll(/[^A-Za-z0-9_.-]/g, '_')}`;
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

function hasPassword(connection: string): boolean {
  if (/password\s*=/i.test(connection)) return true;
  return URL.canParse(connection) && new URL(connection).password !== '';
}

type WithBroker = { readonly broker: string };

const isBroker = (path: readonly string[], value: object): value is WithBroker =>
  matches(['health_checks', '*'], path) && 'broker' in value && typeof value.broker === 'string';

/** `mqtt://user:pass@host` as broker, username and password. */
function withSplitBroker(check: WithBroker): object {
  if (!URL.canParse(check.broker)) return check;
  const url = new URL(check.broker);
  if (url.username === '' && url.password === '') return check;
  const [username, password] = [decoded(url.username), decoded(url.password)];
  const broker = check.broker.replace(/^([a-z]+:\/\/)[^@/]*@/, '$1');
  return { ...check, broker, ...(username && { username }), ...(password && { password }) };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
