import { expect, it } from 'vitest';
import { LayerProgress } from '../../../activities/adapters/docker/layer-progress.ts';

it('sums up what is said of each layer, and counts nothing twice', () => {
  const progress = new LayerProgress();
  progress.add({ id: 'sha256:1', status: 'Pulling from shop' });
  progress.add({ id: 'a', status: 'Already exists' });
  progress.add({ id: 'b', status: 'Pulling fs layer' });
  expect(progress.sum()).toEqual({ layers: 2, layersDone: 1, receivedBytes: 0, totalBytes: 0 });
  progress.add({ id: 'b', status: 'Downloading', progressDetail: { current: 10, total: 40 } });
  expect(progress.sum()).toEqual({ layers: 2, layersDone: 1, receivedBytes: 10, totalBytes: 40 });
  progress.add({ id: 'b', status: 'Download complete', progressDetail: {} });
  progress.add({ id: 'b', status: 'Extracting', progressDetail: { current: 5, total: 40 } });
  expect(progress.sum()).toEqual({ layers: 2, layersDone: 1, receivedBytes: 40, totalBytes: 40 });
  progress.add({ id: 'b', status: 'Pull complete' });
  progress.add({ status: `Digest: sha256:1` });
  expect(progress.sum()).toEqual({ layers: 2, layersDone: 2, receivedBytes: 40, totalBytes: 40 });
});
