import type { PartName } from '../../client/engine/stack/part-names.ts';
import type { Settings } from '../../client/engine/settings.ts';
import type { Part } from './part.ts';
import { mosquittoPart } from './parts/mosquitto.part.ts';
import { nodePart, STANDARD_ENTRIES, type Entries } from './parts/node.part.ts';
import { postgresPart } from './parts/postgres.part.ts';
import { temporalPart } from './parts/temporal.part.ts';

const STORES: readonly PartName[] = ['postgres', 'temporal', 'mosquitto'];

/** Everything that one machine needs, in an order in which each part follows those that it needs. */
export function standardParts(settings: Settings, env: NodeJS.ProcessEnv, entries: Entries = STANDARD_ENTRIES): Part[] {
  return [
    postgresPart(settings, env),
    temporalPart(settings, env),
    mosquittoPart(settings, env),
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
