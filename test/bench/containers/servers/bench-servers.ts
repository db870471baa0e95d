// Engine, registry and images of the bench, each its own.
import { buildShopImages, type ShopImage, type ShopVersion } from '../../../../examples/shop/build-image.ts';
import { startDockerd, type DockerdServer } from '../../../support/servers/dockerd.ts';
import { startRegistry, type RegistryServer } from '../../../support/servers/registry.ts';

export interface BenchServers {
  readonly engine: DockerdServer;
  readonly registry: RegistryServer;
  readonly images: Readonly<Record<ShopVersion, ShopImage>>;
  close(): Promise<void>;
}

/** About 15 s: the images are built and pushed. */
export async function openBenchServers(): Promise<BenchServers> {
  const closing: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const end of closing.toReversed()) await end();
  };
  try {
    const engine = await startDockerd();
    closing.push(() => engine.stop());
    const registry = await startRegistry();
    closing.push(() => registry.stop());
    return { engine, registry, images: await buildShopImages(engine.docker, registry.host), close };
  } catch (error) {
    await close();
    throw error;
  }
}
