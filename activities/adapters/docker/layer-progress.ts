import type { PullProgress } from '#domain/ports/container-engine.port.ts';

/** One line of a pull's answer, as far as it is used. */
export interface PullLine {
  readonly id?: string;
  readonly status?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly error?: string;
}

interface Layer {
  readonly receivedBytes: number;
  readonly totalBytes: number;
  readonly isDone: boolean;
}

const NEW_LAYER: Layer = { receivedBytes: 0, totalBytes: 0, isDone: false };
/** What a layer's lines say; others bear the image's tag or digest as their id. */
const OF_LAYERS = new Set([
  'Pulling fs layer',
  'Waiting',
  'Downloading',
  'Verifying Checksum',
  'Download complete',
  'Extracting',
  'Pull complete',
  'Already exists',
]);
const DONE = new Set(['Pull complete', 'Already exists']);
const ALL_RECEIVED = new Set(['Verifying Checksum', 'Download complete', ...DONE]);

/** Sums up what an engine says of each layer. Sizes are known from a layer's first bytes on. */
export class LayerProgress {
  readonly #layers = new Map<string, Layer>();

  add({ id, status = '', progressDetail = {} }: PullLine): void {
    if (id === undefined || !OF_LAYERS.has(status)) return;
    const layer = this.#layers.get(id) ?? NEW_LAYER;
    const isReceiving = status === 'Downloading';
    const totalBytes = isReceiving ? (progressDetail.total ?? layer.totalBytes) : layer.totalBytes;
    const soFar = isReceiving ? (progressDetail.current ?? layer.receivedBytes) : layer.receivedBytes;
    const receivedBytes = ALL_RECEIVED.has(status) ? totalBytes : soFar;
    this.#layers.set(id, { totalBytes, receivedBytes, isDone: layer.isDone || DONE.has(status) });
  }

  sum(): PullProgress {
    const layers = [...this.#layers.values()];
    const total = (bytes: (layer: Layer) => number) => layers.reduce((sum, layer) => sum + bytes(layer), 0);
    return {
      layers: layers.length,
      layersDone: layers.filter(({ isDone }) => isDone).length,
      receivedBytes: total(({ receivedBytes }) => receivedBytes),
      totalBytes: total(({ totalBytes }) => totalBytes),
    };
  }
}
