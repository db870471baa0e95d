import { afterEach, describe, expect, it, vi } from 'vitest';
import { requireComponent } from '../../support/requires.ts';

describe('a component that tests need', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });
  const missing = () => 'no docker on the PATH';

  it('lets the tests run when it is there', async () => {
    expect(await requireComponent('docker', () => null)).toBe(describe);
  });

  it('is a failure in CI when it is missing', async () => {
    vi.stubEnv('CI', 'true');
    await expect(requireComponent('docker', missing)).rejects.toThrow(
      'docker is required in CI and missing: no docker',
    );
  });

  it('is a skip elsewhere', async () => {
    vi.stubEnv('CI', '');
    expect(await requireComponent('docker', missing)).not.toBe(describe);
  });
});
