import { describe, expect, it } from 'vitest';
import { misfitOf } from '#domain/fleet/compatibility.ts';
import type { Sha256 } from '#domain/ids.ts';

const firmware = (minimumVersion: string | null) => ({
  name: 'edge',
  version: '2.0.0',
  sha256: 'a'.repeat(64) as Sha256,
  sizeBytes: 1,
  signature: '',
  hardware: ['edge-a', 'edge-b'],
  minimumVersion,
});

describe('a device fits a firmware', () => {
  it('by its hardware', () => {
    expect(misfitOf({ hardware: 'edge-b', firmware: '0.1.0' }, firmware(null))).toBeNull();
    expect(misfitOf({ hardware: 'edge-c', firmware: '1.0.0' }, firmware(null))).toBe('hardware');
  });

  it.each([
    ['1.10.0', '1.9.0', null],
    ['1.2.0', '1.9.0', 'version-too-old'],
    ['v1.9', '1.9.0', null],
    ['1.9.0-rc.1', '1.9.0', 'version-too-old'],
    ['factory', '1.9.0', 'version-unknown'],
    ['factory', 'factory', null],
  ])('running %s where at least %s is needed: %s', (running, minimum, expected) => {
    expect(misfitOf({ hardware: 'edge-a', firmware: running }, firmware(minimum))).toBe(expected);
  });
});
