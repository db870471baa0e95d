import { describe, expect, it } from 'vitest';
import {
  isSameRepository,
  parseImageReference,
  registryOf,
} from '../../../activities/adapters/docker/image-reference.ts';

const ID = `sha256:${'a'.repeat(64)}`;

describe('the name of an image', () => {
  it.each([
    ['shop', { kind: 'tag', repository: 'shop', tag: 'latest' }],
    ['shop:1.2', { kind: 'tag', repository: 'shop', tag: '1.2' }],
    ['127.0.0.1:5000/a/shop', { kind: 'tag', repository: '127.0.0.1:5000/a/shop', tag: 'latest' }],
    ['127.0.0.1:5000/shop:1', { kind: 'tag', repository: '127.0.0.1:5000/shop', tag: '1' }],
    [`r.io/shop@${ID}`, { kind: 'digest', repository: 'r.io/shop', digest: ID }],
    [`r.io:80/shop:1@${ID}`, { kind: 'digest', repository: 'r.io:80/shop', digest: ID }],
    [ID, { kind: 'id', id: ID }],
  ])('%s is read', (text, parsed) => {
    expect(parseImageReference(text)).toEqual(parsed);
  });

  it.each([
    ['shop', 'docker.io'],
    ['acme/shop', 'docker.io'],
    ['localhost/shop', 'localhost'],
    ['r.io/acme/shop', 'r.io'],
    ['10.0.0.1:5000/shop', '10.0.0.1:5000'],
  ])('%s is kept in the registry %s', (repository, registry) => {
    expect(registryOf(repository)).toBe(registry);
  });

  it('may be short or whole', () => {
    expect(isSameRepository('shop', 'docker.io/library/shop')).toBe(true);
    expect(isSameRepository('acme/shop', 'docker.io/acme/shop')).toBe(true);
    expect(isSameRepository('shop', 'r.io/library/shop')).toBe(false);
    expect(isSameRepository('shop', 'acme/shop')).toBe(false);
  });
});
