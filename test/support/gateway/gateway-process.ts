// The gateway as the process that is shipped, to be killed.
import { fileURLToPath } from 'node:url';
import type { Settings } from '../../../client/engine/settings.ts';
import { readHealth } from '../../../client/engine/stack/health-file.ts';
import { startServer, type ServerProcess } from '../servers/server-process.ts';

const SHIPPED = fileURLToPath(new URL('../../../client/devices/gateway/main.ts', import.meta.url));

/** Starts it and waits until it says that it serves the devices (or, for a second one, until it has said anything). */
export async function startGatewayProcess(
  settings: Settings,
  {
    main = SHIPPED,
    env = {},
    awaitsService = true,
  }: { main?: string; env?: NodeJS.ProcessEnv; awaitsService?: boolean } = {},
): Promise<ServerProcess> {
  const own = {
    SLUICE_DATA_DIR: settings.dataDirectory,
    SLUICE_DATABASE_URL: settings.databaseUrl,
    SLUICE_MQTT_URL: settings.mqttUrl,
    SLUICE_LOG_LEVEL: 'info',
  };
  let pid = 0;
  const server = startServer({ file: process.execPath, args: [main], env: { ...own, ...env } }, async () => {
    const health = readHealth(settings.dataDirectory, 'gateway');
    pid = health?.pid ?? 0;
    return !awaitsService || (health !== null && health.problem === null && isAlive(pid));
  });
  return server;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
