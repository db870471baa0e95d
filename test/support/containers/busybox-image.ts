// A small image of this machine's static busybox: made in a blink, nothing is downloaded.
import { createReadStream, statSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type Docker from 'dockerode';
import { pack } from 'tar-stream';
import { findBusybox } from '../../../client/engine/stack/components/busybox-program.ts';
import { needs } from '../requires.ts';

needs('busybox', findBusybox);

const PROGRAMS = ['sh', 'httpd', 'sleep', 'echo', 'mkdir', 'tail', 'head', 'yes', 'env'];

/** Imports it as `repository:tag`; `content` makes its bytes differ from another's. Returns its id. */
export async function importBusybox(docker: Docker, repository: string, tag: string, content = ''): Promise<string> {
  const archive = pack();
  const [answer] = await Promise.all([
    docker.importImage(Readable.from(archive), { repo: repository, tag }),
    writeFiles(archive, content),
  ]);
  await finished(docker, answer);
  return (await docker.getImage(`${repository}:${tag}`).inspect()).Id;
}

/** Pushes it to its registry; returns the digest of its manifest. */
export async function pushImage(docker: Docker, repository: string, tag: string): Promise<string> {
  const image = docker.getImage(`${repository}:${tag}`);
  await finished(docker, await image.push({ tag, authconfig: { username: '', password: '', serveraddress: '' } }));
  const { RepoDigests } = await image.inspect();
  const [, digest] = RepoDigests.find((name) => name.startsWith(`${repository}@`))?.split('@') ?? [];
  if (digest === undefined) throw new Error(`${repository}:${tag} has no digest after its push`);
  return digest;
}

async function writeFiles(archive: ReturnType<typeof pack>, content: string): Promise<void> {
  archive.entry({ name: 'tmp', type: 'directory', mode: 0o1777 });
  archive.entry({ name: 'content' }, content);
  const busybox = findBusybox();
  const entry = archive.entry({ name: 'bin/busybox', mode: 0o755, size: statSync(busybox).size });
  await pipeline(createReadStream(busybox), entry);
  for (const name of PROGRAMS) archive.entry({ name: `bin/${name}`, type: 'symlink', linkname: 'busybox' });
  archive.finalize();
}

function finished(docker: Docker, answer: NodeJS.ReadableStream): Promise<void> {
  return new Promise((resolve, reject) => {
    docker.modem.followProgress(answer, (error) => (error ? reject(error) : resolve()));
  });
}
