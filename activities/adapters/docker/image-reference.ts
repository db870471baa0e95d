/** What a text names: `repository:tag`, `repository@sha256:…` or an image's id `sha256:…`. */
export type ImageReference =
  | { readonly kind: 'tag'; readonly repository: string; readonly tag: string }
  | { readonly kind: 'digest'; readonly repository: string; readonly digest: string }
  | { readonly kind: 'id'; readonly id: string };

const IMAGE_ID = /^sha256:[0-9a-f]{64}$/;
const HUB = 'docker.io';

/** Reads `text`; without a tag it is `latest`, as everywhere else. A tag beside a digest says nothing. */
export function parseImageReference(text: string): ImageReference {
  if (IMAGE_ID.test(text)) return { kind: 'id', id: text };
  const [name = '', digest] = text.split('@');
  const colon = name.indexOf(':', name.lastIndexOf('/') + 1);
  const repository = colon < 0 ? name : name.slice(0, colon);
  if (digest !== undefined) return { kind: 'digest', repository, digest };
  return { kind: 'tag', repository, tag: colon < 0 ? 'latest' : name.slice(colon + 1) };
}

/** The host of a repository's registry: what stands before the first slash, if that looks like a host. */
export function registryOf(repository: string): string {
  const [first = ''] = repository.split('/');
  return repository.includes('/') && /[.:]|^localhost$/.test(first) ? first : HUB;
}

/** Whether both are the same: `shop`, `library/shop` and `docker.io/library/shop` are. */
export const isSameRepository = (one: string, other: string): boolean => fullName(one) === fullName(other);

function fullName(repository: string): string {
  const registry = registryOf(repository);
  const path = repository.startsWith(`${registry}/`) ? repository.slice(registry.length + 1) : repository;
  return `${registry}/${registry === HUB && !path.includes('/') ? `library/${path}` : path}`;
}
