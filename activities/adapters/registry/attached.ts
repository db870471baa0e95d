/** A manifest in a registry, by its repository and digest `sha256:<hex>`. */
export interface AttachedQuestion {
  /** `https://registry.example`, without a path. */
  readonly origin: string;
  readonly repository: string;
  readonly digest: string;
  readonly credentials: { readonly username: string; readonly password: string } | null;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Who wants to know more than `application/json` has to say so, or gets a manifest of another kind, or none. */
const ACCEPT = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
].join(', ');

/** The tag under which tools attach something to a digest: `sha256-<hex>.sig`, as cosign does. */
export const attachedTag = (digest: string, suffix: string): string => `${digest.replace(':', '-')}.${suffix}`;

/**
 * Which of the `suffixes` (`sig`, `att`, `sbom`) the registry has attached to a digest. Only that they are there: nobody
 * checks what they say. Throws when the registry does not answer, or answers with anything but yes or no.
 */
export async function findAttached(question: AttachedQuestion, suffixes: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    suffixes.map(async (suffix) => ((await hasTag(question, attachedTag(question.digest, suffix))) ? [suffix] : [])),
  );
  return found.flat();
}

async function hasTag(question: AttachedQuestion, tag: string): Promise<boolean> {
  const { origin, repository, credentials } = question;
  const url = `${origin}/v2/${repository}/manifests/${tag}`;
  const first = await ask(question, url, credentials && basic(credentials));
  const challenge = first.status === 401 ? bearerOf(first.headers.get('www-authenticate')) : null;
  const answer = challenge === null ? first : await ask(question, url, `Bearer ${await tokenOf(question, challenge)}`);
  if (answer.ok) return true;
  if (answer.status === 404) return false;
  throw new Error(`the registry answered ${answer.status} to HEAD ${url}`);
}

function ask({ timeoutMs, signal }: AttachedQuestion, url: string, authorization: string | null): Promise<Response> {
  return fetch(url, {
    method: 'HEAD',
    headers: { accept: ACCEPT, ...(authorization !== null && { authorization }) },
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
  });
}

const basic = ({ username, password }: NonNullable<AttachedQuestion['credentials']>): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

/** Where the registry sends for a token; null when it wants none. */
function bearerOf(header: string | null): URL | null {
  const [, parameters = ''] = /^bearer (.*)$/is.exec(header ?? '') ?? [];
  const given = Object.fromEntries(
    [...parameters.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]),
  );
  const { realm, service, scope } = given;
  if (realm === undefined || !URL.canParse(realm)) return null;
  const url = new URL(realm);
  for (const [key, value] of Object.entries({ service, scope }))
    if (value !== undefined) url.searchParams.set(key, value);
  return url;
}

async function tokenOf({ credentials, timeoutMs, signal }: AttachedQuestion, realm: URL): Promise<string> {
  const answer = await fetch(realm, {
    headers: { ...(credentials && { authorization: basic(credentials) }) },
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
  });
  if (!answer.ok) throw new Error(`the registry's ${realm.host} answered ${answer.status} when asked for a token`);
  const { token, access_token: other } = (await answer.json()) as { token?: string; access_token?: string };
  return token ?? other ?? '';
}
