import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { sluiceError, SluiceError } from '#domain/errors/failure.ts';
import { lookAtProcess } from './look.ts';
import { routerFiles, type RouterPlace } from './place.ts';
import type { RenderedRouter } from './render.ts';
import { writeCandidate } from './router-files.ts';
import { createRuntimeClient, type RuntimeClient } from './runtime-client.ts';

const CHECK_TIMEOUT_MS = 10_000;
const RELOAD_TIMEOUT_MS = 10_000;
const POLL_MS = 10;

/** Has HAProxy read the configuration before it becomes the one in use. Throws ROUTER_REFUSED with HAProxy's words. */
export async function checkConfiguration(place: RouterPlace, rendered: RenderedRouter): Promise<void> {
  await writeCandidate(place, rendered);
  const { nextConfiguration } = routerFiles(place);
  const command = `${place.program} -c -f ${nextConfiguration}`;
  await new Promise<void>((resolve, reject) => {
    const args = ['-c', '-f', nextConfiguration];
    execFile(place.program, args, { timeout: CHECK_TIMEOUT_MS }, (error, _out, err) => {
      if (!error) return resolve();
      const alerts = err.split('\n').filter((line) => line.startsWith('[ALERT]'));
      const words = (alerts.length > 0 ? alerts : [error.message]).join(' ').trim();
      reject(sluiceError('ROUTER_REFUSED', { command, words }, { cause: error }));
    });
  });
  rmSync(nextConfiguration, { force: true });
}

export type ReloadOutcome = 'loaded' | 'refused';

/**
 * Lets a new worker take over with the files as they are and waits until it answers with `structure`. `refused`: it could
 * not start, and the one before serves on. Throws ROUTER_UNREACHABLE.
 */
export async function reloadRouter(
  place: RouterPlace,
  client: RuntimeClient,
  structure: string,
): Promise<ReloadOutcome> {
  const { masterSocket } = routerFiles(place);
  const master = createRuntimeClient(masterSocket);
  const failedBefore = await failedReloads(master);
  await master.ask('reload');
  const deadline = Date.now() + RELOAD_TIMEOUT_MS;
  while (Date.now() < deadline) {
    const outcome = await lookAfterReload(master, client, { failedBefore, structure }).catch(whileReloading);
    if (outcome) return outcome;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw sluiceError('ROUTER_UNREACHABLE', { socket: masterSocket, why: 'the new worker did not answer in time' });
}

interface Expected {
  readonly failedBefore: number;
  readonly structure: string;
}

async function lookAfterReload(
  master: RuntimeClient,
  client: RuntimeClient,
  { failedBefore, structure }: Expected,
): Promise<ReloadOutcome | null> {
  if ((await lookAtProcess(client)).structure === structure) return 'loaded';
  return (await failedReloads(master)) > failedBefore ? 'refused' : null;
}

/** Both sockets are closed, or cut in the middle, while the master starts anew. */
function whileReloading(error: unknown): null {
  if (error instanceof SluiceError && error.code === 'ROUTER_UNREACHABLE') return null;
  throw error;
}

/** From the master's `show proc`: `… master 3 [failed: 1] …`. */
async function failedReloads(master: RuntimeClient): Promise<number> {
  const answer = await master.ask('show proc');
  return Number(/\[failed: (\d+)\]/.exec(answer)?.[1] ?? 0);
}
