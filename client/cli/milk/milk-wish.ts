import type { WrittenFile } from '../../engine/environments/read-document.ts';
import type { ScalingLimits } from '../../engine/releases/scaling-rules.ts';
import { applicationNameOf, notUsedIn, type MilkFile } from './milk-file.schema.ts';

/** What MilkBottle's file means to the engine. */
export interface MilkWish {
  readonly file: string;
  readonly enabled: boolean;
  readonly application: string;
  readonly environment: string;
  /** With its registry, without a tag. */
  readonly image: string;
  readonly tag: string;
  /** Null leaves it as it is. */
  readonly port: number | null;
  /** As it is written in the file of an application; null leaves it as it is. */
  readonly health: object | null;
  readonly strategy: string;
  /** Null: as the strategy has it. */
  readonly bakeMs: number | null;
  readonly limits: ScalingLimits;
  readonly notUsed: readonly string[];
}

/** The file at `name` with its defaults; `written` is the document that it was read from. */
export function wishOf(
  milk: MilkFile,
  { name, written }: { readonly name: string; readonly written: unknown },
): MilkWish {
  const { enabled, environment, docker, scaling, strategy, bake } = milk.deployment;
  return {
    file: name,
    enabled,
    application: applicationNameOf(docker.image_name),
    environment,
    image: [...registryOf(docker.registry_url), docker.image_name].join('/'),
    tag: docker.image_tag,
    port: docker.port ?? null,
    health: (written as { deployment: { health?: object } }).deployment.health ?? null,
    strategy,
    bakeMs: bake ?? null,
    limits: {
      minInstances: scaling.min_instances,
      maxInstances: scaling.max_instances,
      upCooldownMs: scaling.scale_up_cooldown,
      downCooldownMs: scaling.scale_down_cooldown,
    },
    notUsed: notUsedIn(milk),
  };
}

/** A registry's address as images have it: without scheme and last slash. */
function registryOf(url: string): string[] {
  const host = url.replace(/^https?:\/\//, '').replace(/\/+$/, '');
  return host === '' ? [] : [host];
}

/** As many instances as there are now, within the limits; the first deployment has the fewest. */
export const replicasToDeploy = (present: number | null, { minInstances, maxInstances }: ScalingLimits): number =>
  Math.min(maxInstances, Math.max(minInstances, present ?? minInstances));

const FIRST_PORT = 8_080;

/** The application as `app apply` takes it: what else is known of it stays. */
export function applicationFile(wish: MilkWish, replicas: number, known: object): WrittenFile {
  const { application, image, port, health } = wish;
  const given = { ...(port !== null && { port }), ...(health !== null && { health }) };
  const spec = { port: FIRST_PORT, ...known, image, replicas, ...given };
  return { name: wish.file, content: JSON.stringify({ applications: { [application]: spec } }) };
}

/** The release as `plan create` takes it. */
export function releaseFile(wish: MilkWish, replicas: number, reason: string): WrittenFile {
  const { application, environment, tag: version, strategy, bakeMs } = wish;
  const bake = bakeMs === null ? {} : { bake: bakeMs / 1_000 };
  const config = { description: reason, strategy, replicas, ...bake };
  return { name: wish.file, content: JSON.stringify({ application, version, environment, config }) };
}
