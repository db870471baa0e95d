import type { ContainerOperations } from '#domain/ports/container-operations.port.ts';
import type { PinnedImage } from '#domain/ports/container-engine.port.ts';
import { SluiceError, sluiceError } from '#domain/errors/failure.ts';
import type { EngineDeps } from '../engine.ts';

interface Wanted {
  readonly name: string;
  readonly version: string;
  /** As it was tried. */
  readonly image: PinnedImage;
}

type Asked = Parameters<ContainerOperations['resolveImage']>[0];

/**
 * The image that was tried, if it can still be fetched by its digest (or, where no registry ever knew it, if the engine holds
 * it): the tag is not asked, it may mean something else by now. Throws PROMOTION_DIGEST_GONE.
 */
export async function stillThere(
  deps: EngineDeps,
  { name, version, image: tried }: Wanted,
  asked: Omit<Asked, 'reference'>,
): Promise<PinnedImage> {
  const gone = (why: string, cause?: unknown): Error =>
    sluiceError('PROMOTION_DIGEST_GONE', { subject: name, version, digest: tried.digest, why }, { cause });
  try {
    const { credentials, engines } = asked;
    const found = await deps.containers.resolveImage({ credentials, engines, reference: tried.image });
    if (found.pin === tried.pin && found.digest === tried.digest) return found;
    throw gone(`the registry does not know ${tried.image} any more, only an engine holds it`);
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code !== 'IMAGE_NOT_FOUND') throw error;
    throw gone(error.message, error);
  }
}
