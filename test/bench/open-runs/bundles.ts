// Made before the worker starts, as a package does: what makes bundles would stay in the worker's memory.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { workflowBundle } from '../../../workers/runtime/bundle.ts';

/** The variable that names the bundle of the workflow that does nothing. */
export const BARE_BUNDLE = 'SLUICE_BENCH_BARE_BUNDLE';

const BARE = fileURLToPath(new URL('./bare.workflow.ts', import.meta.url));

/** Makes the bundles that the worker needs; returns what its environment has to say of them. */
export async function makeBundles(folder: string): Promise<Readonly<Record<typeof BARE_BUNDLE, string>>> {
  await workflowBundle();
  const { code } = await bundleWorkflowCode({ workflowsPath: BARE, logger: new DefaultLogger('ERROR') });
  const file = join(folder, 'bare.js');
  writeFileSync(file, code);
  return { [BARE_BUNDLE]: file };
}
