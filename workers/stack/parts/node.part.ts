import { COMPILE_CACHE, ownProgram } from '../../../client/engine/own-tree.ts';
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
      args: [...process.execArgv, ownProgram(entry)],
      env: { NODE_COMPILE_CACHE: COMPILE_CACHE },
    }),
    isReady: async (pid) => {
      const health = readHealth(dataDirectory, name);
      return health !== null && health.pid === pid && health.problem === null;
    },
    whenReady: async () => undefined,
  };
}
