import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Docker from 'dockerode';
import { buildShopImages } from '../../../../examples/shop/build-image.ts';
import { ownEngineSocket } from '../../../engine/stack/own-engine.ts';
import type { CommandLine } from '../command-line.ts';

export const APPLICATION = 'shop';
export const INSTANCES = 3;

/** The application of the demo, applied and with its images in the registry. */
export interface Shop {
  /** One demo's own, so that a second demo on the same data starts fresh. */
  readonly environment: string;
  /** Where its files are. */
  readonly folder: string;
  readonly repository: string;
}

/** Builds three versions of the sample service, two good ones and a bad one, and makes the application known. */
export async function openShop(
  sluice: CommandLine,
  place: { readonly dataDirectory: string; readonly registryPort: number },
): Promise<Shop> {
  const environment = `demo-${Date.now().toString(36)}`;
  const folder = join(place.dataDirectory, 'demo', environment);
  mkdirSync(folder, { recursive: true });
  const registry = `127.0.0.1:${place.registryPort}`;
  await buildShopImages(new Docker({ socketPath: ownEngineSocket(place.dataDirectory) }), registry);
  const shop = { environment, folder, repository: `${registry}/${APPLICATION}` };
  await sluice.json(
    'env',
    'apply',
    '-f',
    write(shop, 'environment', { environments: { [environment]: { target: 'docker' } } }),
  );
  const application = {
    image: shop.repository,
    port: 8080,
    replicas: INSTANCES,
    health: { path: '/health' },
    drain: '5s',
  };
  await sluice.json('app', 'apply', '-f', write(shop, 'application', { applications: { [APPLICATION]: application } }));
  return shop;
}

/** A release file; the canary is judged by what its clients get, not by its health page. */
export function releaseFile(shop: Shop, version: string): string {
  const errorRate = {
    provider: { type: 'haproxy', metric: 'error_rate_percent' },
    direction: 'increase',
    interval: '1s',
  };
  return write(shop, `release-${version}`, {
    application: APPLICATION,
    version,
    environment: shop.environment,
    config: {
      strategy: 'canary',
      canary_steps: [10, 50, 100],
      bake: '8s',
      // The criteria would be quicker than the judge.
      rollback_criteria: { max_failure_rate: null },
      metric_templates: { error_rate: errorRate },
      analysis: { metrics: [{ template: 'error_rate' }] },
    },
  });
}

function write({ folder }: Pick<Shop, 'folder'>, name: string, content: object): string {
  const file = join(folder, `${name}.json`);
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`);
  return file;
}
