// `node examples/shop/build-image.ts [--registry 127.0.0.1:5000]`: the three versions of the shop as images.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { parseArgs } from 'node:util';
import Docker from 'dockerode';
import { pack } from 'tar-stream';
import { ensureBaseImage } from './base-image.ts';

const FILES = ['Dockerfile', 'server.mjs', 'websocket.mjs'];

/** Percent of failing answers by version: the last one is the bad one. */
export const SHOP_VERSIONS = { '1.0.0': 0, '1.1.0': 0, '1.2.0': 30 } as const;
export type ShopVersion = keyof typeof SHOP_VERSIONS;

export interface ShopImage {
  readonly version: ShopVersion;
  /** With its tag, as 127.0.0.1:5000/shop:1.0.0. */
  readonly reference: string;
  /** Of the image itself, as sha256:…; containers may be created from it. */
  readonly imageId: string;
  /** Of its manifest in the registry, as sha256:…; null when it was not pushed. */
  readonly digest: string | null;
}

/** Builds one version on the engine and pushes it to `registry` (as 127.0.0.1:5000), if one is given. Throws with the engine's words. */
export async function buildShopImage(
  docker: Docker,
  version: ShopVersion,
  registry: string | null,
): Promise<ShopImage> {
  const BASE = await ensureBaseImage(docker);
  const repository = registry === null ? 'shop' : `${registry}/shop`;
  const reference = `${repository}:${version}`;
  const buildargs = { BASE, VERSION: version, FAIL_PERCENT: String(SHOP_VERSIONS[version]) };
  await finish(docker, await docker.buildImage(buildFolder(), { t: reference, buildargs }));
  const image = docker.getImage(reference);
  const { Id: imageId } = await image.inspect();
  if (registry === null) return { version, reference, imageId, digest: null };
  // The engine answers 400 without credentials, even to a registry that wants none.
  await finish(docker, await image.push({ authconfig: {} }));
  const { RepoDigests } = await image.inspect();
  const digest = RepoDigests.find((name) => name.startsWith(`${repository}@`))?.split('@')[1] ?? null;
  return { version, reference, imageId, digest };
}

/** All versions, oldest first. */
export async function buildShopImages(
  docker: Docker,
  registry: string | null,
): Promise<Record<ShopVersion, ShopImage>> {
  return {
    '1.0.0': await buildShopImage(docker, '1.0.0', registry),
    '1.1.0': await buildShopImage(docker, '1.1.0', registry),
    '1.2.0': await buildShopImage(docker, '1.2.0', registry),
  };
}

function buildFolder(): NodeJS.ReadableStream {
  const archive = pack();
  for (const name of FILES) archive.entry({ name }, readFileSync(join(import.meta.dirname, name)));
  archive.finalize();
  return Readable.from(archive);
}

/** Errors come inside of an answer that began with 200. */
async function finish(docker: Docker, progress: NodeJS.ReadableStream): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(progress, (error) => (error ? reject(error) : resolve()));
  });
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { registry: { type: 'string' } } });
  const images = await buildShopImages(new Docker(), values.registry ?? null);
  for (const { reference, imageId, digest } of Object.values(images)) {
    process.stdout.write(`${reference}  ${digest ?? imageId}\n`);
  }
}
