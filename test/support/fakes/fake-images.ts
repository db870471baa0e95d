// The images of the fake engine and of the registry behind it.
import { sluiceError } from '#domain/errors/failure.ts';
import type { ContainerEngine, PinnedImage, PullProgress } from '#domain/ports/container-engine.port.ts';

export interface FakeImage {
  /** `repository:tag`. */
  readonly reference: string;
  readonly digest: string;
  readonly isInRegistry: boolean;
  /** False until it is pulled. */
  isOnEngine: boolean;
}

const LAYERS = 3;
const LAYER_BYTES = 1_000_000;

export class FakeImages {
  readonly #engine: string;
  readonly #images: readonly FakeImage[];
  isRegistryUp = true;

  constructor(engine: string, images: readonly FakeImage[]) {
    this.#engine = engine;
    this.#images = images;
  }

  pin(reference: string): PinnedImage {
    const image = this.#images.find((one) => namesOf(one).includes(reference));
    if (image?.isInRegistry === true && (this.isRegistryUp || image.isOnEngine) && !reference.startsWith('sha256:')) {
      return { pin: 'registry-digest', image: byDigest(image), digest: image.digest, sizeBytes: sizeOf(image) };
    }
    if (image?.isOnEngine === true) {
      return { pin: 'image-id', image: image.digest, digest: image.digest, sizeBytes: sizeOf(image) };
    }
    const registry = this.isRegistryUp ? 'registry: manifest unknown' : 'registry: connection refused';
    throw sluiceError('IMAGE_NOT_FOUND', { image: reference, looked: `${registry}; engine ${this.#engine}` });
  }

  pull({ image: name, pin }: PinnedImage, report: Parameters<ContainerEngine['pullImage']>[1]['onProgress']): void {
    const image = this.#images.find((one) => namesOf(one).includes(name));
    if (image?.isOnEngine === true) return;
    if (pin === 'registry-digest' && !this.isRegistryUp) {
      throw sluiceError('IMAGE_PULL_FAILED', { image: name, engine: this.#engine, why: 'connection refused' });
    }
    if (image === undefined || !image.isInRegistry || pin === 'image-id') {
      throw sluiceError('IMAGE_NOT_FOUND', { image: name, looked: `registry; engine ${this.#engine}` });
    }
    for (let layersDone = 0; layersDone <= LAYERS; layersDone += 1) report?.(progressAt(layersDone));
    image.isOnEngine = true;
  }

  /** Throws IMAGE_NOT_FOUND when a container cannot be made of it. */
  mustHold(name: string): void {
    if (this.#images.some((one) => one.isOnEngine && namesOf(one).includes(name))) return;
    throw sluiceError('IMAGE_NOT_FOUND', { image: name, looked: `engine ${this.#engine}` });
  }
}

const repositoryOf = ({ reference }: FakeImage): string => reference.slice(0, reference.lastIndexOf(':'));
const byDigest = (image: FakeImage): string => `${repositoryOf(image)}@${image.digest}`;
const namesOf = (image: FakeImage): string[] => [image.reference, byDigest(image), image.digest];
const sizeOf = ({ isOnEngine }: FakeImage): number | null => (isOnEngine ? LAYERS * LAYER_BYTES : null);

const progressAt = (layersDone: number): PullProgress => ({
  layers: LAYERS,
  layersDone,
  receivedBytes: layersDone * LAYER_BYTES,
  totalBytes: LAYERS * LAYER_BYTES,
});
