import { counted } from '#domain/counted.ts';
import { DEFAULT_QUEUES } from '#domain/queues.ts';
import type { ReplaceablePart, Settings } from '../settings.ts';
import { readHealth } from './health-file.ts';
import { PART_NAMES, PART_TITLES, type PartName } from './part-names.ts';
import {
  countPollers,
  probeEngine,
  probeHttp,
  probeMqtt,
  probePostgres,
  probeRouter,
  probeTemporal,
  type Answer,
} from './probes.ts';
import { isRunning, startTicksOf } from './process-identity.ts';
import { liveRecord, readRunRecord } from './run-records.ts';
import { ownEngineSocket } from './own-engine.ts';
import { readStackFile, type StackFile } from './stack-file.ts';

/** `ui` is Temporal's web interface, `up` the process that restarts the others. */
export type StatusName = PartName | 'ui' | 'up';

export interface PartStatus {
  readonly name: StatusName;
  readonly title: string;
  readonly state: 'well' | 'down';
  readonly address: string;
  readonly version: string;
  /** What else is known: why it is down, at which migration the schema stands. */
  readonly detail: string;
  /** How often `sluice up` has started it again. */
  readonly restarts: number;
}

export interface StackStatus {
  /** True only when every part is well. */
  readonly well: boolean;
  readonly dataDirectory: string;
  readonly parts: readonly PartStatus[];
}

/** Looks at every part at once. Takes as long as the slowest answer, at most about 3 s. Never throws for a part that is down. */
export async function inspectStack(settings: Settings): Promise<StackStatus> {
  return inspectParts(settings, partsOf(settings));
}

/** The same for a part that asks about the others: it does not ask itself. */
export async function inspectOtherParts(settings: Settings, asking: PartName): Promise<StackStatus> {
  return inspectParts(
    settings,
    partsOf(settings).filter((name) => name !== asking),
  );
}

const OPTIONAL: readonly PartName[] = ['haproxy', 'docker', 'registry'];

/** A machine of fleets alone has no router, and most have an engine of their own. */
function partsOf({ dataDirectory, replaced }: Settings): PartName[] {
  const started = readStackFile(dataDirectory)?.parts.map(({ name }) => name) ?? [];
  const isThere = (name: PartName): boolean =>
    !OPTIONAL.includes(name) || started.includes(name) || (name === 'haproxy' && replaced.has('router'));
  return PART_NAMES.filter(isThere);
}

async function inspectParts(settings: Settings, names: readonly PartName[]): Promise<StackStatus> {
  const stack = readStackFile(settings.dataDirectory);
  const looks = names.map((name) => inspectPart(name, settings, stack));
  if (hasEmbeddedTemporal(settings, stack)) looks.push(inspectUi(settings));
  if (stack) looks.push(Promise.resolve(supervisorStatus(settings.dataDirectory)));
  const parts = await Promise.all(looks);
  return { well: parts.every(({ state }) => state === 'well'), dataDirectory: settings.dataDirectory, parts };
}

async function inspectPart(name: PartName, settings: Settings, stack: StackFile | null): Promise<PartStatus> {
  const written = stack?.parts.find((part) => part.name === name);
  const record = readRunRecord(settings.dataDirectory, name);
  const known = { name, title: PART_TITLES[name], address: addressOf(name, settings), restarts: record?.restarts ?? 0 };
  try {
    const { version, detail } = await LOOKS[name](settings);
    if (!isOurs(name, settings)) throw new Error(STRANGER);
    return { ...known, state: 'well', version: version || (written?.version ?? ''), detail };
  } catch (error) {
    const gone = record !== null && !isRunning(record) ? `process ${record.pid} is gone · ` : '';
    return { ...known, state: 'down', version: written?.version ?? '', detail: gone + reasonOf(error) };
  }
}

const STRANGER = 'it answers, but no sluice up of this data directory started it';

const REPLACEABLE: Readonly<Partial<Record<PartName, ReplaceablePart>>> = {
  postgres: 'database',
  temporal: 'temporal',
  mosquitto: 'mqtt',
  haproxy: 'router',
  http: 'http',
};

/** What answers on a port of ours may be another installation's: ours is on record, or a variable names it. */
function isOurs(name: PartName, { dataDirectory, replaced }: Settings): boolean {
  const part = REPLACEABLE[name];
  return part === undefined || replaced.has(part) || liveRecord(dataDirectory, name) !== null;
}

const LOOKS: Readonly<Record<PartName, (settings: Settings) => Promise<Answer>>> = {
  postgres: ({ databaseUrl }) => probePostgres(databaseUrl),
  temporal: ({ temporalAddress, temporalNamespace }) => probeTemporal(temporalAddress, temporalNamespace),
  mosquitto: ({ mqttUrl }) => probeMqtt(mqttUrl),
  haproxy: ({ routerDirectory }) => probeRouter(routerDirectory),
  docker: ({ dataDirectory }) => probeEngine(ownEngineSocket(dataDirectory)),
  registry: ({ ports }) => probeHttp(`http://127.0.0.1:${ports.registry}/v2/`),
  worker: inspectWorker,
  gateway: ({ dataDirectory }) => Promise.resolve(inspectByFile(dataDirectory, 'gateway')),
  http: ({ httpUrl }) => probeHttp(`${httpUrl}/keys/firmware.pem`),
};

async function inspectWorker(settings: Settings): Promise<Answer> {
  const { dataDirectory, temporalAddress, temporalNamespace } = settings;
  // Without a record the workers run elsewhere; Temporal remembers a poller for minutes, so the file is better where there is one.
  if (readRunRecord(dataDirectory, 'worker') || !isOurs('temporal', settings))
    return inspectByFile(dataDirectory, 'worker');
  const pollers = await countPollers(temporalAddress, temporalNamespace, DEFAULT_QUEUES.orchestrator);
  if (pollers === 0) throw new Error(`nobody asks task queue ${DEFAULT_QUEUES.orchestrator} for work`);
  return { version: '', detail: counted(pollers, 'poller') };
}

function inspectByFile(dataDirectory: string, name: 'worker' | 'gateway'): Answer {
  const health = readHealth(dataDirectory, name);
  const record = liveRecord(dataDirectory, name);
  if (!health || startTicksOf(health.pid) === null)
    throw new Error(record ? 'it runs, but does not say that it is well' : 'it does not run');
  if (record && record.pid !== health.pid) throw new Error('it is starting');
  if (health.problem) throw new Error(health.problem);
  return { version: '', detail: '' };
}

async function inspectUi(settings: Settings): Promise<PartStatus> {
  const address = `http://127.0.0.1:${settings.ports.temporalUi}`;
  const known = { name: 'ui', title: "Temporal's UI", address, version: '', restarts: 0 } as const;
  try {
    await probeHttp(address);
    if (!isOurs('temporal', settings)) throw new Error(STRANGER);
    return { ...known, state: 'well', detail: '' };
  } catch (error) {
    return { ...known, state: 'down', detail: reasonOf(error) };
  }
}

function supervisorStatus(dataDirectory: string): PartStatus {
  const record = liveRecord(dataDirectory, 'up');
  const known = { name: 'up', title: 'sluice up', address: '', version: '', restarts: 0 } as const;
  if (record) return { ...known, state: 'well', detail: `pid ${record.pid}, since ${record.startedAt}` };
  return { ...known, state: 'down', detail: 'it does not run: parts that die stay dead' };
}

const hasEmbeddedTemporal = ({ temporalAddress, ports }: Settings, stack: StackFile | null): boolean =>
  stack?.parts.find(({ name }) => name === 'temporal')?.embedded ?? temporalAddress === `127.0.0.1:${ports.temporal}`;

/** Where people find the part; empty for parts without an address. */
export function addressOf(name: PartName, settings: Settings): string {
  switch (name) {
    case 'postgres':
      return new URL(settings.databaseUrl).host;
    case 'temporal':
      return settings.temporalAddress;
    case 'mosquitto':
      return new URL(settings.mqttUrl).host;
    case 'http':
      return settings.httpUrl;
    case 'docker':
      return `unix://${ownEngineSocket(settings.dataDirectory)}`;
    case 'registry':
      return `127.0.0.1:${settings.ports.registry}`;
    case 'haproxy':
    case 'worker':
    case 'gateway':
      return '';
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return reasonOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error && error.message === 'fetch failed') return reasonOf(error.cause);
  return (error as NodeJS.ErrnoException).code === 'ECONNREFUSED' ? 'nothing answers there' : error.message;
}
