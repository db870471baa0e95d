import { readFileSync, statSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { DEFAULT_PORTS, type Ports } from '#domain/defaults.ts';
import { sluiceError } from '#domain/errors/failure.ts';

/** Where everything of one installation is found. Flags win over variables, variables over what `sluice up` wrote, that over defaults. */
export interface Settings {
  readonly dataDirectory: string;
  readonly ports: Ports;
  /** IPv4 address on which broker and HTTP server, the parts that devices use, listen. Everything else is on 127.0.0.1. */
  readonly listenHost: string;
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly temporalNamespace: string;
  readonly mqttUrl: string;
  /** Where devices reach the HTTP server: links that they are handed begin with it. */
  readonly httpUrl: string;
  /** Parts for which a variable names a server of somebody else. */
  readonly replaced: ReadonlySet<ReplaceablePart>;
  /** The Docker Engine of environments that name none; null leaves it to what stands on this machine. */
  readonly dockerHost: string | null;
  /** Whether `sluice up` runs a Docker Engine and a registry of its own. */
  readonly withDocker: boolean;
  /** The folder of the router's files and sockets; of an HAProxy of somebody else when a variable names it. */
  readonly routerDirectory: string;
  /** How often that HAProxy tries a request again at another instance after a failed connection; 0 shows every fault to the client. */
  readonly routerRetries: RouterRetries;
  /** How long a command waits for a part that is restarting. */
  readonly waitForPartMs: number;
}

/** SLUICE_HAPROXY_RETRIES; default 3. */
type RouterRetries = 0 | 3;

export type ReplaceablePart = 'database' | 'temporal' | 'mqtt' | 'http' | 'router';

const REPLACING: Readonly<Record<ReplaceablePart, string>> = {
  database: 'SLUICE_DATABASE_URL',
  temporal: 'TEMPORAL_ADDRESS',
  mqtt: 'SLUICE_MQTT_URL',
  http: 'SLUICE_HTTP_URL',
  router: 'SLUICE_HAPROXY_DIR',
};

const PARTS = Object.keys(REPLACING) as ReplaceablePart[];

export type PortName = keyof Ports;
export type PortFlags = Readonly<Partial<Record<PortName, number>>>;

type SettingFlags = PortFlags & { readonly dataDirectory?: string; readonly listenHost?: string };

const LOCAL_HOST = '127.0.0.1';
const EVERY_ADDRESS = '0.0.0.0';
export const LISTEN_HOST_OPTION = { variable: 'SLUICE_LISTEN_HOST', flag: '--listen-host' } as const;

/** The variable and flag of each port, as errors and help name them. */
export const PORT_OPTIONS: Readonly<Record<PortName, { readonly variable: string; readonly flag: string }>> = {
  http: { variable: 'SLUICE_HTTP_PORT', flag: '--http-port' },
  temporal: { variable: 'SLUICE_TEMPORAL_PORT', flag: '--temporal-port' },
  temporalUi: { variable: 'SLUICE_TEMPORAL_UI_PORT', flag: '--temporal-ui-port' },
  mqtt: { variable: 'SLUICE_MQTT_PORT', flag: '--mqtt-port' },
  postgres: { variable: 'SLUICE_POSTGRES_PORT', flag: '--postgres-port' },
  registry: { variable: 'SLUICE_REGISTRY_PORT', flag: '--registry-port' },
};

/** Set by `sluice up --with-docker`. */
export const WITH_DOCKER_VARIABLE = 'SLUICE_WITH_DOCKER';

/** The file in the data directory in which `sluice up` leaves its ports for other commands. */
export const STACK_FILE = 'stack.json';

/** Settings of this process. Throws USAGE when a port is no port, an address none, or a variable has no value of its own. */
export function readSettings(env: NodeJS.ProcessEnv, flags: SettingFlags = {}): Settings {
  const dataDirectory = dataDirectoryOf(env, flags);
  const { ports, listenHost = LOCAL_HOST } = runningStack(dataDirectory);
  return settle(dataDirectory, { env, flags, fallback: { ports: { ...DEFAULT_PORTS, ...ports }, listenHost } });
}

/**
 * The same for the one who starts the stack: what a killed one left behind is no wish.
 * Throws USAGE as well when it is to listen on every address and nobody says which one devices use.
 */
export function readUpSettings(env: NodeJS.ProcessEnv, flags: SettingFlags = {}): Settings {
  const fallback = { ports: DEFAULT_PORTS, listenHost: LOCAL_HOST };
  const settings = settle(dataDirectoryOf(env, flags), { env, flags, fallback });
  if (settings.listenHost !== EVERY_ADDRESS || env['SLUICE_HTTP_URL'] !== undefined) return settings;
  const why = `${EVERY_ADDRESS} is every address of this machine: links to firmware need the one that devices use`;
  const hint = `SLUICE_HTTP_URL=http://ADDRESS:${settings.ports.http}, or listen on that address alone`;
  throw sluiceError('USAGE', { why }, { where: LISTEN_HOST_OPTION.flag, found: EVERY_ADDRESS, hint });
}

/** What a part is told about the installation, as variables: it never has to guess where another one is. */
export function variablesOf({ dataDirectory, ports, listenHost, withDocker }: Settings): Record<string, string> {
  const variables: Record<string, string> = {
    SLUICE_DATA_DIR: dataDirectory,
    [LISTEN_HOST_OPTION.variable]: listenHost,
    ...(withDocker && { [WITH_DOCKER_VARIABLE]: '1' }),
  };
  for (const name of Object.keys(PORT_OPTIONS) as PortName[])
    variables[PORT_OPTIONS[name].variable] = String(ports[name]);
  return variables;
}

const FOR_DEVICES: readonly PortName[] = ['http', 'mqtt'];

/** The address on which the part with that port listens. */
export const hostOfPort = ({ listenHost }: Settings, name: PortName): string =>
  FOR_DEVICES.includes(name) ? listenHost : LOCAL_HOST;

function dataDirectoryOf(env: NodeJS.ProcessEnv, flags: SettingFlags): string {
  const given = flags.dataDirectory ?? env['SLUICE_DATA_DIR'];
  return given === undefined || given === '' ? dataDirectoryFrom(process.cwd()) : resolve(given);
}

const FOLDER = '.sluice';

/**
 * `.sluice` of the project that `start` lies in: of the nearest folder, upwards, that has one or is a clone of Sluice.
 * Below none, it is `.sluice` in `start` itself.
 * @internal a rule with tests of its own
 */
export function dataDirectoryFrom(start: string): string {
  for (let folder = resolve(start); ; folder = dirname(folder)) {
    if (isFolder(join(folder, FOLDER)) || isClone(folder)) return join(folder, FOLDER);
    if (dirname(folder) === folder) return resolve(start, FOLDER);
  }
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

function isClone(folder: string): boolean {
  try {
    return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name?: unknown }).name === 'sluice';
  } catch {
    return false;
  }
}

interface Sources {
  readonly env: NodeJS.ProcessEnv;
  readonly flags: SettingFlags;
  readonly fallback: { readonly ports: Ports; readonly listenHost: string };
}

function settle(dataDirectory: string, { env, flags, fallback }: Sources): Settings {
  const ports = { ...fallback.ports };
  for (const name of Object.keys(PORT_OPTIONS) as PortName[]) {
    const { variable, flag } = PORT_OPTIONS[name];
    const given = flags[name] ?? (env[variable] === undefined ? undefined : portNumber(env[variable], variable));
    if (given !== undefined) ports[name] = portNumber(String(given), flag);
  }
  const listenHost = ipv4(flags.listenHost ?? env[LISTEN_HOST_OPTION.variable] ?? fallback.listenHost);
  const host = listenHost === EVERY_ADDRESS ? LOCAL_HOST : listenHost;
  return {
    dataDirectory,
    ports,
    listenHost,
    databaseUrl: env['SLUICE_DATABASE_URL'] ?? `postgresql://postgres@127.0.0.1:${ports.postgres}/sluice`,
    temporalAddress: env['TEMPORAL_ADDRESS'] ?? `127.0.0.1:${ports.temporal}`,
    temporalNamespace: env['TEMPORAL_NAMESPACE'] ?? 'sluice',
    mqttUrl: env['SLUICE_MQTT_URL'] ?? `mqtt://${host}:${ports.mqtt}`,
    httpUrl: env['SLUICE_HTTP_URL'] ?? `http://${host}:${ports.http}`,
    replaced: new Set(PARTS.filter((part) => env[REPLACING[part]] !== undefined)),
    dockerHost: env['DOCKER_HOST'] || null,
    withDocker: env[WITH_DOCKER_VARIABLE] === '1',
    routerDirectory: env['SLUICE_HAPROXY_DIR'] ?? join(dataDirectory, 'haproxy'),
    routerRetries: retriesOf(env['SLUICE_HAPROXY_RETRIES']),
    waitForPartMs: 30_000,
  };
}

function retriesOf(text = '3'): RouterRetries {
  if (text === '0') return 0;
  if (text === '3') return 3;
  const why = `SLUICE_HAPROXY_RETRIES: expected 0 or 3, got ${JSON.stringify(text)}`;
  throw sluiceError('USAGE', { why }, { where: 'SLUICE_HAPROXY_RETRIES', found: text });
}

function runningStack(dataDirectory: string): { ports?: Partial<Ports>; listenHost?: string } {
  try {
    return JSON.parse(readFileSync(join(dataDirectory, STACK_FILE), 'utf8')) as ReturnType<typeof runningStack>;
  } catch {
    return {};
  }
}

function ipv4(text: string): string {
  if (isIPv4(text)) return text;
  const why = `${LISTEN_HOST_OPTION.flag}: expected an IPv4 address of this machine, got ${JSON.stringify(text)}`;
  throw sluiceError('USAGE', { why }, { where: LISTEN_HOST_OPTION.flag, found: text });
}

function portNumber(text: string, where: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw sluiceError('USAGE', { why: `${where}: expected a port from 1 to 65535, got ${JSON.stringify(text)}` });
}
