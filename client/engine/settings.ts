import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DEFAULT_PORTS, type Ports } from '#domain/defaults.ts';
import { sluiceError } from '#domain/errors/failure.ts';

/** Where everything of one installation is found. Flags win over variables, variables over what `sluice up` wrote, that over defaults. */
export interface Settings {
  readonly dataDirectory: string;
  readonly ports: Ports;
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly temporalNamespace: string;
  readonly mqttUrl: string;
  readonly httpUrl: string;
  /** How long a command waits for a part that is restarting. */
  readonly waitForPartMs: number;
}

export type PortName = keyof Ports;
export type PortFlags = Readonly<Partial<Record<PortName, number>>>;

type SettingFlags = PortFlags & { readonly dataDirectory?: string };

/** The variable and flag of each port, as errors and help name them. */
export const PORT_OPTIONS: Readonly<Record<PortName, { readonly variable: string; readonly flag: string }>> = {
  http: { variable: 'SLUICE_HTTP_PORT', flag: '--http-port' },
  temporal: { variable: 'SLUICE_TEMPORAL_PORT', flag: '--temporal-port' },
  temporalUi: { variable: 'SLUICE_TEMPORAL_UI_PORT', flag: '--temporal-ui-port' },
  mqtt: { variable: 'SLUICE_MQTT_PORT', flag: '--mqtt-port' },
  postgres: { variable: 'SLUICE_POSTGRES_PORT', flag: '--postgres-port' },
};

/** The file in the data directory in which `sluice up` leaves its ports for other commands. */
export const STACK_FILE = 'stack.json';

/** Settings of this process. Throws USAGE when a port is no port. */
export function readSettings(env: NodeJS.ProcessEnv, flags: SettingFlags = {}): Settings {
  const dataDirectory = dataDirectoryOf(env, flags);
  return settle(dataDirectory, { env, flags, fallback: { ...DEFAULT_PORTS, ...portsOfRunningStack(dataDirectory) } });
}

/** The same for the one who starts the stack: what a killed one left behind is no wish. */
export function readUpSettings(env: NodeJS.ProcessEnv, flags: SettingFlags = {}): Settings {
  return settle(dataDirectoryOf(env, flags), { env, flags, fallback: DEFAULT_PORTS });
}

const dataDirectoryOf = (env: NodeJS.ProcessEnv, flags: SettingFlags): string =>
  resolve(flags.dataDirectory ?? env['SLUICE_DATA_DIR'] ?? '.sluice');

interface Sources {
  readonly env: NodeJS.ProcessEnv;
  readonly flags: SettingFlags;
  readonly fallback: Ports;
}

function settle(dataDirectory: string, { env, flags, fallback }: Sources): Settings {
  const ports = { ...fallback };
  for (const name of Object.keys(PORT_OPTIONS) as PortName[]) {
    const { variable, flag } = PORT_OPTIONS[name];
    const given = flags[name] ?? (env[variable] === undefined ? undefined : portNumber(env[variable], variable));
    if (given !== undefined) ports[name] = portNumber(String(given), flag);
  }
  return {
    dataDirectory,
    ports,
    databaseUrl: env['SLUICE_DATABASE_URL'] ?? `postgresql://postgres@127.0.0.1:${ports.postgres}/sluice`,
    temporalAddress: env['TEMPORAL_ADDRESS'] ?? `127.0.0.1:${ports.temporal}`,
    temporalNamespace: env['TEMPORAL_NAMESPACE'] ?? 'sluice',
    mqttUrl: env['SLUICE_MQTT_URL'] ?? `mqtt://127.0.0.1:${ports.mqtt}`,
    httpUrl: env['SLUICE_HTTP_URL'] ?? `http://127.0.0.1:${ports.http}`,
    waitForPartMs: 30_000,
  };
}

function portsOfRunningStack(dataDirectory: string): Partial<Ports> {
  try {
    const stack = JSON.parse(readFileSync(join(dataDirectory, STACK_FILE), 'utf8')) as { ports?: Partial<Ports> };
    return stack.ports ?? {};
  } catch {
    return {};
  }
}

function portNumber(text: string, where: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw sluiceError('USAGE', { why: `${where}: expected a port from 1 to 65535, got ${JSON.stringify(text)}` });
}
