import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { judgeBundle } from './bundle.ts';

const fixture = (name: string): string => join(import.meta.dirname, 'fixtures/bundle', name);

describe('the check of the workflow bundle', () => {
  it('refuses an import that the sandbox lacks', async () => {
    expect(await judgeBundle(fixture('node-core.ts'))).toContain('node:fs');
  });

  it('refuses zod, which would check recorded input again on replay', async () => {
    expect(await judgeBundle(fixture('checks-input.ts'))).toContain('zod');
  });

  it('lets a workflow pass', async () => {
    expect(await judgeBundle(fixture('fit.ts'))).toBeNull();
  });
});
