// The HTTP server's process: artifacts for devices, the firmware key, health.
import { readOrCreateCredentialsKey } from '../../activities/adapters/mqtt/credentials.ts';
import { createPool } from '../../activities/adapters/postgres/pool.ts';
import { createLogger, logLevelOf } from '../engine/logging.ts';
import { readSettings } from '../engine/settings.ts';
import { keepHealthFile } from '../engine/stack/health-file.ts';
import { inspectOtherParts } from '../engine/stack/status.ts';
import { authenticateDevices } from './device-auth.ts';
import { createHttpServer } from './server.ts';

const MAX_CONNECTIONS = 8;

const settings = readSettings(process.env);
const logger = createLogger('http', logLevelOf(process.env));
const database = createPool(settings.databaseUrl, MAX_CONNECTIONS);
const server = createHttpServer({
  dataDirectory: settings.dataDirectory,
  authenticate: authenticateDevices(readOrCreateCredentialsKey(settings.dataDirectory), database),
  inspect: () => inspectOtherParts(settings, 'http'),
  logger,
});
await server.listen({ host: settings.listenHost, port: settings.ports.http });
const health = keepHealthFile(settings.dataDirectory, 'http');
logger.info({ host: settings.listenHost, port: settings.ports.http }, 'listening');

let stopping = false;
async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  health.stop();
  await server.close();
  await database.end();
  process.exit(0);
}
process.on('SIGTERM', () => void stop());
process.on('SIGINT', () => void stop());
