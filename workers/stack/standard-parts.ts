import type { PartName } from '../../client/engine/stack/part-names.ts';
import type { Settings } from '../../client/engine/settings.ts';
import { findHaproxy } from '../../client/engine/stack/components/haproxy-program.ts';
import type { Part } from './part.ts';
import { dockerPart } from './parts/docker.part.ts';
import { haproxyPart } from './parts/haproxy.part.ts';
import { mosquittoPart } from './parts/mosquitto.part.ts';
import { nodePart, STANDARD_ENTRIES, type Entries } from './parts/node.part.ts';
import { postgresPart } from './parts/postgres.part.ts';
import { registryPart } from './parts/registry.part.ts';
import { temporalPart } from './parts/temporal.part.ts';

const STORES: readonly PartName[] = ['postgres', 'temporal', 'mosquitto'];

/** Everything that one machine needs, in an order in which each part follows those that it needs. */
export function standardParts(settings: Settings, env: NodeJS.ProcessEnv, entries: Entries = STANDARD_ENTRIES): Part[] {
  return [
    postgresPart(settings, env),
    temporalPart(settings, env),
    mosquittoPart(settings, env),
    ...routerParts(settings, env),
    ...(settings.withDocker ? [dockerPart(settings, env), registryPart(settings, env)] : []),
    nodePart(settings, { name: 'worker', after: STORES, entry: entries.worker, stopTimeoutMs: 20_000 }),
    nodePart(settings, {
      name: 'gateway',
      after: ['postgres', 'mosquitto'],
      entry: entries.gateway,
      stopTimeoutMs: 10_000,
    }),
    nodePart(settings, { name: 'http', after: ['postgres'], entry: entries.http, stopTimeoutMs: 5_000 }),
  ];
}

/** Fleets need none: a machine without HAProxy still runs them. */
function routerParts(settings: Settings, env: NodeJS.ProcessEnv): Part[] {
  if (!settings.replaced.has('router') && !hasHaproxy(env)) return [];
  return [haproxyPart(settings, env)];
}

function hasHaproxy(env: NodeJS.ProcessEnv): boolean {
  try {
    return findHaproxy(env) !== '';
  } catch {
    return false;
  }
}
