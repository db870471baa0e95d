import { sluiceError } from '#domain/errors/failure.ts';
import type { ContainerEngine, PinnedImage, PullProgress } from '#domain/ports/container-engine.port.ts';
import { bounded, open, type DockerClient } from './client.ts';
import { EngineAnswer, isDiskFull } from './errors.ts';
import { parseImageReference, registryOf } from './image-reference.ts';
import { authOf, inspectImage, isRegistrySilent } from './images.ts';
import { jsonLines } from './json-lines.ts';
import { LayerProgress, type PullLine } from './layer-progress.ts';

type PullOptions = Parameters<ContainerEngine['pullImage']>[1];

/** Until the registry's manifest is read. */
const BEGIN_TIMEOUT_MS = 60_000;
/** A large layer is checked and unpacked without a word for a while. */
const SILENCE_TIMEOUT_MS = 180_000;
const REPORT_EVERY_MS = 200;

/** Has the engine fetch the image by its digest, unless it holds it. A pull that broke off goes on with the layers that are there. */
export async function pullImage(client: DockerClient, image: PinnedImage, options: PullOptions): Promise<void> {
  const { signal } = options;
  if ((await inspectImage(client, image.image, signal)) !== null) return;
  if (image.pin === 'image-id') {
    const looked = `engine ${client.engine}; no registry knows it, so it runs only where it was built or loaded`;
    throw sluiceError('IMAGE_NOT_FOUND', { image: image.image, looked });
  }
  await fetchImage(client, image.image, options);
  const held = await inspectImage(client, image.image, signal);
  if (held?.RepoDigests.some((name) => name.endsWith(`@${image.digest}`))) return;
  const got = held?.RepoDigests.join(', ') ?? 'nothing';
  throw sluiceError('IMAGE_DIGEST_MISMATCH', { image: image.image, expected: image.digest, got });
}

async function fetchImage(client: DockerClient, image: string, options: PullOptions): Promise<void> {
  const silence = new AbortController();
  const tooSilent = setTimeout(() => silence.abort(), SILENCE_TIMEOUT_MS);
  const signal = AbortSignal.any([silence.signal, ...(options.signal ? [options.signal] : [])]);
  try {
    const stream = await begin(client, image, options, signal);
    await follow(stream, () => tooSilent.refresh(), options.onProgress);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (silence.signal.aborted) throw pullFailed(client, image, `nothing came for ${SILENCE_TIMEOUT_MS / 1_000} s`);
    throw error instanceof Error ? reasonOf(client, image, error) : error;
  } finally {
    clearTimeout(tooSilent);
    silence.abort();
  }
}

function begin(
  client: DockerClient,
  image: string,
  { credentials }: PullOptions,
  signal: AbortSignal,
): Promise<AsyncIterable<Buffer | string>> {
  const parsed = parseImageReference(image);
  const registry = parsed.kind === 'id' ? '' : registryOf(parsed.repository);
  const question = { what: `pull ${image}`, timeoutMs: BEGIN_TIMEOUT_MS, signal };
  const authconfig = authOf(credentials, registry);
  return open(client, question, (abort) => client.docker.pull(image, bounded({ authconfig }, abort)));
}

/** Errors come inside an answer that began with 200. */
async function follow(
  stream: AsyncIterable<Buffer | string>,
  heard: () => void,
  onProgress: ((progress: PullProgress) => void) | undefined,
): Promise<void> {
  const progress = new LayerProgress();
  let nextAt = 0;
  for await (const line of jsonLines(stream)) {
    heard();
    const said = line as PullLine;
    if (said.error !== undefined) throw new PullError(said.error);
    progress.add(said);
    if (performance.now() < nextAt) continue;
    nextAt = performance.now() + REPORT_EVERY_MS;
    onProgress?.(progress.sum());
  }
  onProgress?.(progress.sum());
}

class PullError extends Error {}

const MISSING = /manifest unknown|not found|does not exist|pull access denied|unauthorized|denied|no basic auth/i;
const OTHER_BYTES = /verification failed for digest|does not match|unexpected digest|filesystem layer verification/i;

function reasonOf(client: DockerClient, image: string, error: Error): Error {
  const isEngines = error instanceof EngineAnswer || error instanceof PullError;
  if (!isEngines) return 'code' in error && 'report' in error ? error : pullFailed(client, image, error.message);
  const why = error.message;
  const { engine } = client;
  if (isDiskFull(why)) return sluiceError('ENGINE_DISK_FULL', { engine, why }, { cause: error });
  if (OTHER_BYTES.test(why)) {
    const expected = image.split('@')[1] ?? image;
    return sluiceError('IMAGE_DIGEST_MISMATCH', { image, expected, got: `other bytes (${why})` }, { cause: error });
  }
  if (MISSING.test(why) && !isRegistrySilent(error)) {
    return sluiceError('IMAGE_NOT_FOUND', { image, looked: `its registry: ${why}` }, { cause: error });
  }
  return pullFailed(client, image, why);
}

const pullFailed = ({ engine }: DockerClient, image: string, why: string) =>
  sluiceError('IMAGE_PULL_FAILED', { image, engine, why });
