// `npm run build [FOLDER]`: the package that npm installs, into dist/ or into an empty FOLDER.
// JavaScript of all that is shipped, the files that it reads, and the workflow bundle, so that no worker bundles at its start.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { makeWorkflowBundle, WORKFLOW_BUNDLE } from '../runtime/bundle.ts';
import { portableBundle } from './portable-bundle.ts';
import { ALSO_PACKED, LAYERS, packageManifest, type SourceManifest } from './package-manifest.ts';

const root = join(import.meta.dirname, '../..');
const [given] = process.argv.slice(2);
const out = given === undefined ? join(root, 'dist') : resolve(given);

if (given === undefined) rmSync(out, { recursive: true, force: true });
else if (existsSync(out) && readdirSync(out).length > 0) throw new Error(`${out} is not empty`);
mkdirSync(out, { recursive: true });
const compiling = compile();
const bundle = await makeWorkflowBundle();
await compiling;
copyWhatIsRead();
writeFileSync(join(out, WORKFLOW_BUNDLE), portableBundle(bundle, root));
writeManifest();
process.stdout.write(`${relative(process.cwd(), out) || '.'} is the package: npm pack ${out}\n`);

/** Types are `npm run check`'s business: here they are only taken away. */
async function compile(): Promise<void> {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const child = spawn(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', out], {
    cwd: root,
    stdio: 'inherit',
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`tsc ended with code ${code}`);
}

/** Migrations, scripts and the like: what is no source, beside the sources that read it. */
function copyWhatIsRead(): void {
  for (const layer of LAYERS) {
    for (const entry of readdirSync(join(root, layer), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || /\.(ts|mjs)$/.test(entry.name)) continue;
      const file = join(entry.parentPath, entry.name);
      cpSync(file, join(out, relative(root, file)));
    }
  }
  for (const file of ALSO_PACKED) cpSync(join(root, file), join(out, file));
}

function writeManifest(): void {
  const manifest = packageManifest(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as SourceManifest);
  for (const entry of Object.values(manifest.bin)) chmodSync(join(out, entry), 0o755);
  writeFileSync(join(out, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}
