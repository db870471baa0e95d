import { fileURLToPath } from 'node:url';
import { readHealth, removeHealth } from '../../../client/engine/stack/health-file.ts';
import type { PartName } from '../../../client/engine/stack/part-names.ts';
import type { Settings } from '../../../client/engine/settings.ts';
import type { EmbeddedPart } from '../part.ts';

/** The program of each part that is Sluice's own, relative to the project; tests put others in their place. */
export type Entries = Readonly<Record<'worker' | 'gateway' | 'http', string>>;

export const STANDARD_ENTRIES: Entries = {
  worker: 'workers/all.worker.ts',
  gateway: 'client/devices/gateway/main.ts',
  http: 'client/http/main.ts',
};

const PROJECT = new URL('../../../', import.meta.url);
/** Where Node keeps stripped and compiled sources: parts that are started again are back sooner. */
const COMPILE_CACHE = fileURLToPath(new URL('node_modules/.cache/sluice', PROJECT));

export interface NodePart {
  readonly name: PartName;
  readonly after: readonly PartName[];
  readonly entry: string;
  readonly stopTimeoutMs: number;
}

/** A program of Sluice's own on this process's Node; ready when its health file says so. */
export function nodePart(settings: Settings, { name, after, entry, stopTimeoutMs }: NodePart): EmbeddedPart {
  const { dataDirectory } = settings;
  return {
    name,
    after,
    address: name === 'http' ? settings.httpUrl : '',
    kind: 'embedded',
    ports: name === 'http' ? ['http'] : [],
    stopSignal: 'SIGTERM',
    stopTimeoutMs,
    version: async () => '',
    prepare: async () => removeHealth(dataDirectory, name),
    command: () => ({
      file: process.execPath,
      args: [...process.execArgv, fileURLToPath(new URL(entry, PROJECT))],
      env: { NODE_COMPILE_CACHE: COMPILE_CACHE },
    }),
    isReady: async (pid) => {
      const health = readHealth(dataDirectory, name);
      return health !== null && health.pid === pid && health.problem === null;
    },
    whenReady: async () => undefined,
  };
}
