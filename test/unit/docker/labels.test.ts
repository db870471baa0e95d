import { expect, it } from 'vitest';
import { fromLabels, labelFilters, toLabels } from '../../../activities/adapters/docker/labels.ts';
import { newReplica, PORT } from '../../support/containers/replicas.ts';

const { labels } = newReplica({ spec: { image: 'shop' } });
const written = toLabels(labels, PORT);

it('labels are read as they were written, beside those of others', () => {
  expect(fromLabels({ maintainer: 'somebody', ...written })).toEqual({ labels, port: PORT });
});

it.each(Object.keys(written))('a container without %s is not ours', (label) => {
  const { [label]: _without, ...others } = written;
  expect(fromLabels(others)).toBeNull();
});

it.each(['', '-1', '1.5', 'one'])('neither is one whose generation is "%s"', (generation) => {
  expect(fromLabels({ ...written, 'sluice.generation': generation })).toBeNull();
});

it('filters ask for no more than is wanted', () => {
  expect(labelFilters({ environment: 'test' })).toEqual(['sluice.run', 'sluice.environment=test']);
  expect(labelFilters({ environment: 'test', application: 'shop', release: 7 })).toEqual([
    'sluice.run',
    'sluice.environment=test',
    'sluice.application=shop',
    'sluice.release=7',
  ]);
});
