import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { sluiceError } from '#domain/errors/failure.ts';
import type { StackStatus } from '../engine/stack/status.ts';
import { addArtifactRoutes } from './artifact-routes.ts';
import type { AuthenticateDevice } from './device-auth.ts';
import { answerError } from './errors.ts';

export interface HttpServerDeps {
  readonly dataDirectory: string;
  readonly authenticate: AuthenticateDevice;
  /** How the other parts are; asked at most once a second. */
  readonly inspect: () => Promise<StackStatus>;
  readonly logger: Logger;
}

const HEALTH_REUSED_MS = 1_000;

/** The HTTP server, not yet listening. */
export function createHttpServer(deps: HttpServerDeps): FastifyInstance {
  // Downloads are many and alike: requests are logged from `debug` on.
  const logController = new LogController({ disableRequestLogging: !deps.logger.isLevelEnabled('debug') });
  const loggerInstance: FastifyBaseLogger = deps.logger;
  const server = fastify({ loggerInstance, logController });
  server.setErrorHandler(answerError);
  server.setNotFoundHandler((request) => {
    throw sluiceError('HTTP_ROUTE_UNKNOWN', { method: request.method, path: request.url });
  });
  addArtifactRoutes(server, { folder: join(deps.dataDirectory, 'artifacts'), authenticate: deps.authenticate });
  addFirmwareKeyRoute(server, join(deps.dataDirectory, 'keys', 'firmware-signing.pub.pem'));
  addHealthRoute(server, deps.inspect);
  return server;
}

/** The public key by which devices check signatures; they get it when they are provisioned. */
function addFirmwareKeyRoute(server: FastifyInstance, file: string): void {
  server.get('/keys/firmware.pem', async (_request, reply) => {
    const key = await readFile(file).catch(() => null);
    if (key === null) throw sluiceError('SIGNING_KEY_MISSING', {});
    return reply.type('application/x-pem-file').header('Cache-Control', 'no-cache').send(key);
  });
}

/** 200 when every part is well, 503 otherwise, with the list either way. */
function addHealthRoute(server: FastifyInstance, inspect: () => Promise<StackStatus>): void {
  let last: { readonly at: number; readonly status: Promise<StackStatus> } | null = null;
  server.get('/healthz', async (_request, reply) => {
    if (last === null || Date.now() - last.at > HEALTH_REUSED_MS) last = { at: Date.now(), status: inspect() };
    const { well, parts } = await last.status;
    const list = parts.map(({ name, state, version, detail }) => ({ name, state, version, detail }));
    return reply
      .status(well ? 200 : 503)
      .header('Cache-Control', 'no-store')
      .send({ well, parts: list });
  });
}
