import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundlePathWithSourceMap } from '@temporalio/worker';

const WORKFLOWS = fileURLToPath(new URL('../../workflows/', import.meta.url));
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/sluice/', import.meta.url));
const LOCK_FILE = fileURLToPath(new URL('../../package-lock.json', import.meta.url));

/**
 * The workflow bundle as a file beside the installed modules, built when the sources changed: a worker that is started
 * again after a kill must not spend its first seconds on bundling.
 */
export async function workflowBundle(): Promise<Pick<WorkflowBundlePathWithSourceMap, 'codePath'>> {
  const codePath = join(CACHE, `workflows-${await sourceDigest()}.js`);
  if (existsSync(codePath)) return { codePath };
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(WORKFLOWS, 'index.ts'),
    logger: new DefaultLogger('ERROR'),
  });
  await mkdir(CACHE, { recursive: true });
  const unfinished = `${codePath}.${process.pid}.tmp`;
  await writeFile(unfinished, code);
  await rename(unfinished, codePath);
  return { codePath };
}

async function sourceDigest(): Promise<string> {
  const digest = createHash('sha256').update(await readFile(LOCK_FILE));
  const entries = await readdir(WORKFLOWS, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const file of files.sort()) digest.update(file.slice(WORKFLOWS.length)).update(await readFile(file));
  return digest.digest('hex').slice(0, 16);
}
