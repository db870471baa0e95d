import { createServer } from 'node:net';
import { routeKey } from '#domain/containers/route.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import type { ContainerPlan } from '#domain/plan/container-plan.ts';
import { holderOfPort, insertPlace, readPlace, takenPorts } from '../adapters/postgres/application-places.ts';
import { inTransaction } from '../adapters/postgres/pool.ts';
import type { ContainerDeps } from './deps.ts';

const FIRST_PORT = 8_100;
const LAST_PORT = 8_999;

/**
 * The port under which clients reach the application from its first release on; the row of its place is there after. Throws
 * NO_FREE_PORT, and PORT_TAKEN when another application has the one that is wished.
 */
export async function choosePort(deps: ContainerDeps, { environment, application }: ContainerPlan): Promise<number> {
  const names = { environment: environment.name, application: application.name };
  const { listenPort: wanted } = application.routing;
  for (;;) {
    const place = await readPlace(deps.pool, names.environment, names.application);
    if (wanted !== null) await refuseTaken(deps, names, wanted);
    if (place) return wanted ?? place.listenPort;
    const listenPort = wanted ?? (await firstFree(deps, names.application));
    // Another application may get it at this moment: then there is no row, and the next one is tried.
    await inTransaction(deps.pool, (connection) => insertPlace(connection, { ...names, listenPort }));
  }
}

async function refuseTaken(
  { pool, listenHost: host }: ContainerDeps,
  { environment, application }: { readonly environment: string; readonly application: string },
  port: number,
): Promise<void> {
  const holder = await holderOfPort(pool, port);
  if (holder === null || (holder.environment === environment && holder.application === application)) return;
  const by = `${routeKey(holder.environment, holder.application)} has it`;
  throw sluiceError('PORT_TAKEN', { key: routeKey(environment, application), host, port, by });
}

async function firstFree({ pool, listenHost }: ContainerDeps, application: string): Promise<number> {
  const taken = new Set(await takenPorts(pool));
  for (let port = FIRST_PORT; port <= LAST_PORT; port += 1) {
    if (!taken.has(port) && (await isFree(listenHost, port))) return port;
  }
  throw sluiceError('NO_FREE_PORT', { application, from: FIRST_PORT, to: LAST_PORT });
}

/** This worker stands beside the router, so what it may bind the router may. */
function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}
