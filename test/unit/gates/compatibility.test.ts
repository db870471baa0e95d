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
    ['1.9.0', '1.9.0-rc.1', null],
    ['1.9', '1.10', 'version-too-old'],
    ['1.2.3.1', '1.2.3.9', 'version-too-old'],
    ['1.2.3.10', '1.2.3.9', null],
    ['1.2.3', '1.2.3.0', null],
    ['1.2.3', '1.2.3.1', 'version-too-old'],
    ['2024-01', '2024-09', 'version-too-old'],
    ['2024-10', '2024-09', null],
    ['2024.01.15', '2024-01-14', null],
    ['20240115093000001', '20240115093000002', 'version-too-old'],
    ['90071992547409930', '90071992547409929', null],
    ['build17', '16.0.0', 'version-unknown'],
    ['17.0.0', 'build16', 'version-unknown'],
    ['release 1.2', '1.1.0', 'version-unknown'],
    // A pre-release in semantic versions, a later build for others: nobody can tell.
    ['1.2.3-4', '1.2.3.5', 'version-unknown'],
    ['1.9.0-rc.1', '1.8', 'version-unknown'],
    ['factory', '1.9.0', 'version-unknown'],
    ['factory', 'factory', null],
  ])('running %s where at least %s is needed: %s', (running, minimum, expected) => {
    expect(misfitOf({ hardware: 'edge-a', firmware: running }, firmware(minimum))).toBe(expected);
  });
});
