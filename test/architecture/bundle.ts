// Builds the workflow bundle as a worker does: an import that the sandbox lacks is found here and not at start-up.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker';

const workflowsPath = join(import.meta.dirname, '../../workflows/index.ts');

/** Marks of packages that must not be in the sandbox: zod doubles the bundle and checks recorded input again. */
const UNWANTED = ['zod', 'luxon', 'pg'];

/** Null, or why the bundle of `entry` is not fit for a worker. */
export async function judgeBundle(entry: string): Promise<string | null> {
  const lines: string[] = [];
  const logger = new DefaultLogger('WARN', ({ message }) => lines.push(message));
  try {
    const { code } = await bundleWorkflowCode({ workflowsPath: entry, logger });
    const found = UNWANTED.filter((name) => code.includes(`node_modules/${name}/`));
    return found.length === 0 ? null : `packages in the workflow bundle that do not belong there: ${found.join(', ')}`;
  } catch (error) {
    return [...lines, String(error)].join('\n');
  }
}

if (import.meta.main) {
  const complaint = existsSync(workflowsPath) ? await judgeBundle(workflowsPath) : null;
  if (complaint !== null) process.stdout.write(`${complaint}\n`);
  process.exitCode = complaint === null ? 0 : 1;
}
