// An image with nothing but this machine's Node and what it needs to start: no registry, no download.
import { execFileSync } from 'node:child_process';
import { createReadStream, existsSync, realpathSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type Docker from 'dockerode';
import { pack, type Header, type Pack } from 'tar-stream';

const BUSYBOX = '/bin/busybox';
const USERS = 'root:x:0:0:root:/root:/bin/sh\nnode:x:1000:1000:node:/tmp:/bin/sh\n';
const GROUPS = 'root:x:0:\nnode:x:1000:\n';

/** The tag of the base image, `shop-base:node-<version>`, which it makes when the engine has none. Takes about 3 s. Throws where Node is no Linux program. */
export async function ensureBaseImage(docker: Docker): Promise<string> {
  const reference = `shop-base:node-${process.versions.node}`;
  if (await hasImage(docker, reference)) return reference;
  if (process.platform !== 'linux') throw new Error(`a Linux image cannot be made of Node for ${process.platform}`);
  const archive = pack();
  const [repo, tag] = reference.split(':');
  const [answer] = await Promise.all([
    docker.importImage(Readable.from(archive), { repo, tag }),
    writeRootFiles(archive),
  ]);
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(answer, (error) => (error ? reject(error) : resolve()));
  });
  return reference;
}

async function hasImage(docker: Docker, reference: string): Promise<boolean> {
  const found = await docker.listImages({ filters: { reference: [reference] } });
  return found.length > 0;
}

async function writeRootFiles(archive: Pack): Promise<void> {
  archive.entry({ name: 'tmp/', type: 'directory', mode: 0o1777 });
  archive.entry({ name: 'etc/passwd' }, USERS);
  archive.entry({ name: 'etc/group' }, GROUPS);
  await writeProgram(archive, realpathSync(process.execPath), '/usr/local/bin/node');
  for (const library of librariesOf(process.execPath)) await writeProgram(archive, realpathSync(library), library);
  if (existsSync(BUSYBOX)) {
    await writeProgram(archive, BUSYBOX, BUSYBOX);
    // For health checks that are commands, and to look around in a container.
    archive.entry({ name: 'bin/sh', type: 'symlink', linkname: basename(BUSYBOX) });
  }
  archive.finalize();
}

async function writeProgram(archive: Pack, source: string, path: string): Promise<void> {
  const header: Partial<Header> & { name: string } = { name: path.slice(1), mode: 0o755, size: statSync(source).size };
  await pipeline(createReadStream(source), archive.entry(header));
}

/** The shared libraries and the loader that `ldd` names, at the paths where the loader looks. */
function librariesOf(program: string): string[] {
  const lines = execFileSync('ldd', [program], { encoding: 'utf8' }).split('\n');
  return lines.flatMap((line) => /(?:=> )?(\/\S+) \(0x/.exec(line)?.[1] ?? []);
}
