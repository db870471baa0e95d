import type { ImageDistributionInfo, ImageInspectInfo } from 'dockerode';
import { sluiceError } from '#domain/errors/failure.ts';
import type { PinnedImage, ResolvedCredentials } from '#domain/ports/container-engine.port.ts';
import { ask, type DockerClient } from './client.ts';
import { codeOfSluiceError, EngineAnswer, expectAnswer } from './errors.ts';
import { isSameRepository, parseImageReference, registryOf, type ImageReference } from './image-reference.ts';
import type { Signal } from './replicas.ts';

const LOOK_TIMEOUT_MS = 15_000;
/** The engine itself waits for the registry. */
const REGISTRY_TIMEOUT_MS = 30_000;

/** What the engine sends on to the registry. Older engines refuse without it, even where none is needed. */
export const authOf = (credentials: ResolvedCredentials | null, registry: string) =>
  credentials
    ? { username: credentials.username, password: credentials.password, serveraddress: registry }
    : { username: '', password: '', serveraddress: registry };

/** The image that the engine holds under this name, digest or id; null when it holds none. */
export async function inspectImage(
  client: DockerClient,
  name: string,
  signal: Signal,
): Promise<ImageInspectInfo | null> {
  const question = { what: `look at image ${name}`, timeoutMs: LOOK_TIMEOUT_MS, signal };
  try {
    // The library's call knows no signal: the request itself goes on.
    return await ask(client, question, () => client.docker.getImage(name).inspect());
  } catch (error) {
    expectAnswer(error, 404);
    return null;
  }
}

/**
 * What `reference` means now. The registry decides; when it does not answer, or does not know the image, what the engine
 * holds does. Throws IMAGE_NOT_FOUND.
 */
export async function pinImage(
  client: DockerClient,
  reference: string,
  credentials: ResolvedCredentials | null,
  signal: Signal,
): Promise<PinnedImage> {
  const parsed = parseImageReference(reference);
  if (parsed.kind === 'id') return pinHeld(client, reference, 'it is an id', signal);
  const { repository } = parsed;
  const name = nameOf(parsed);
  const answer = await askRegistry(client, { name, repository }, credentials, signal);
  if (answer.kind === 'digest') return pinned(client, repository, answer.digest, signal);
  const held = await inspectImage(client, name, signal);
  const digest = held === null ? null : digestOf(held, repository);
  if (held === null) throw notFound(client, reference, `registry ${registryOf(repository)}: ${answer.why}`);
  if (digest === null) return { pin: 'image-id', image: held.Id, digest: held.Id, sizeBytes: held.Size };
  const isThere = answer.kind === 'unreachable' || (await isKnown(client, { repository, digest }, credentials, signal));
  if (!isThere) return { pin: 'image-id', image: held.Id, digest: held.Id, sizeBytes: held.Size };
  return { pin: 'registry-digest', image: `${repository}@${digest}`, digest, sizeBytes: held.Size };
}

const nameOf = (parsed: Exclude<ImageReference, { kind: 'id' }>): string =>
  parsed.kind === 'tag' ? `${parsed.repository}:${parsed.tag}` : `${parsed.repository}@${parsed.digest}`;

async function pinHeld(client: DockerClient, id: string, why: string, signal: Signal): Promise<PinnedImage> {
  const held = await inspectImage(client, id, signal);
  if (held === null) throw notFound(client, id, `no registry: ${why}`);
  return { pin: 'image-id', image: held.Id, digest: held.Id, sizeBytes: held.Size };
}

/** A manifest does not tell the size of what is unpacked from it; an image that is here does. */
async function pinned(client: DockerClient, repository: string, digest: string, signal: Signal): Promise<PinnedImage> {
  const image = `${repository}@${digest}`;
  const held = await inspectImage(client, image, signal);
  return { pin: 'registry-digest', image, digest, sizeBytes: held?.Size ?? null };
}

const digestOf = ({ RepoDigests }: ImageInspectInfo, repository: string): string | null =>
  RepoDigests.map((name) => name.split('@')).find(([name = '']) => isSameRepository(name, repository))?.[1] ?? null;

const notFound = ({ engine }: DockerClient, image: string, registry: string) =>
  sluiceError('IMAGE_NOT_FOUND', { image, looked: `${registry}; engine ${engine}: not there` });

type RegistryAnswer =
  | { readonly kind: 'digest'; readonly digest: string }
  | { readonly kind: 'unknown'; readonly why: string }
  | { readonly kind: 'unreachable'; readonly why: string };

const isKnown = async (
  client: DockerClient,
  { repository, digest }: { repository: string; digest: string },
  credentials: ResolvedCredentials | null,
  signal: Signal,
): Promise<boolean> => {
  const name = `${repository}@${digest}`;
  return (await askRegistry(client, { name, repository }, credentials, signal)).kind === 'digest';
};

/** Asked by the engine: it is the one that has to reach it. */
async function askRegistry(
  client: DockerClient,
  { name, repository }: { readonly name: string; readonly repository: string },
  credentials: ResolvedCredentials | null,
  signal: Signal,
): Promise<RegistryAnswer> {
  const question = { what: `ask the registry for ${name}`, timeoutMs: REGISTRY_TIMEOUT_MS, signal };
  const authconfig = authOf(credentials, registryOf(repository));
  try {
    const { Descriptor } = await ask(client, question, (abort) => distribution(client, name, authconfig, abort));
    return { kind: 'digest', digest: Descriptor.digest };
  } catch (error) {
    if (error instanceof EngineAnswer)
      return { kind: isRegistrySilent(error) ? 'unreachable' : 'unknown', why: error.message };
    // No answer in time may be the registry's: whether the engine answers is seen by the next question to it.
    if (codeOfSluiceError(error) !== 'ENGINE_UNREACHABLE') throw error;
    return { kind: 'unreachable', why: error instanceof Error ? error.message : String(error) };
  }
}

/** The library's own call knows no signal. */
function distribution(
  { docker }: DockerClient,
  name: string,
  authconfig: ReturnType<typeof authOf>,
  abortSignal: AbortSignal,
): Promise<ImageDistributionInfo> {
  const request = { path: `/distribution/${name}/json`, method: 'GET', authconfig, abortSignal };
  return new Promise((resolve, reject) => {
    docker.modem.dial({ ...request, statusCodes: { 200: true } }, (error, answer) => {
      if (error) reject(error);
      else resolve(answer as ImageDistributionInfo);
    });
  });
}

/** The engine answers 500 for both; these are the words for a registry that was not reached. */
const SILENT =
  /connection refused|no such host|i\/o timeout|deadline exceeded|Client\.Timeout|network is unreachable|no route to host|connection reset|server misbehaving|TLS handshake|EOF|x509|gave HTTP response|50[0-9]/i;

/** True when the registry did not say whether it has the image. */
export const isRegistrySilent = ({ message }: Error): boolean => SILENT.test(message);
