import type { Route } from '#domain/containers/route.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import { differences, type Change } from './differences.ts';
import { lookAtRouter, type RunningRouter, type RunningServer } from './look.ts';
import type { RuntimeClient } from './runtime-client.ts';

/** Each answer that a change of servers may get; all else is a refusal. */
const SERVER_ANSWERS =
  /^(New server registered|Already exists a server|no need to change|IP changed|port changed|nothing changed)/i;
const STILL_ATTACHED = /still has connections attached/;
/** HAProxy closes idle connections soon after it was told to, by another thread. */
const DELETE_ATTEMPTS = 5;
const DELETE_PAUSE_MS = 5;
/** The second settles what the first one's commands have made possible. */
const ROUNDS = 2;

/**
 * Brings the process that was seen as `running` to `routes` by commands, and looks whether it is so. True when there was
 * anything to change. A member that is taken out while requests run on it stays in maint; the next call tries again.
 * Throws ROUTER_UNREACHABLE and ROUTER_REFUSED.
 */
export async function converge(
  { client, folder }: { client: RuntimeClient; folder: string },
  routes: readonly Route[],
  running: RunningRouter,
): Promise<boolean> {
  let hasChanged = false;
  let changes = differences(routes, running, folder);
  for (let round = 1; round <= ROUNDS && changes.length > 0; round += 1) {
    for (const change of changes) {
      const isDone = await apply(client, change);
      hasChanged ||= isDone;
    }
    changes = differences(routes, await lookAtRouter(client, folder), folder).filter((change) => !isLeaving(change));
  }
  const [left] = changes;
  if (!left) return hasChanged;
  throw sluiceError('ROUTER_REFUSED', { command: 'show servers state', words: `still to do: ${JSON.stringify(left)}` });
}

/** Taken out, but not yet let go by its last requests. */
const isLeaving = (change: Change): boolean => change.kind === 'delete' && change.server.state === 'maint';

/** False when nothing could be done yet. */
async function apply(client: RuntimeClient, change: Change): Promise<boolean> {
  switch (change.kind) {
    case 'set':
      await client.tell(change.commands);
      return true;
    case 'add':
      await client.tell([change.command, ...change.enable], SERVER_ANSWERS);
      return true;
    case 'replace':
      // With requests still on it it cannot be taken out: it goes on with the new address then, and they end at the old one.
      if (await isDeleted(client, change.server, change.readdress)) await client.tell([change.command], SERVER_ANSWERS);
      await client.tell(change.enable);
      return true;
    case 'delete':
      return deleteServer(client, change.server);
  }
}

async function deleteServer(client: RuntimeClient, server: RunningServer): Promise<boolean> {
  const elsewhere = `set server ${idOf(server)} addr ${server.host} port ${server.port === 1 ? 2 : 1}`;
  return (await isDeleted(client, server, elsewhere)) || server.state !== 'maint';
}

/**
 * Puts the server into maint and deletes it; false while requests run on it. Idle connections hinder too, until HAProxy
 * closes them because `readdress` gives the server another address; running requests stay where they are.
 */
async function isDeleted(client: RuntimeClient, server: RunningServer, readdress: string): Promise<boolean> {
  const deletion = `del server ${idOf(server)}`;
  if (server.state !== 'maint') await client.tell([`set server ${idOf(server)} state maint`]);
  for (let attempt = 1; attempt <= DELETE_ATTEMPTS; attempt += 1) {
    const answer = await client.ask(deletion);
    if (/^(Server deleted|No such server)/.test(answer)) return true;
    if (!STILL_ATTACHED.test(answer)) throw sluiceError('ROUTER_REFUSED', { command: deletion, words: answer });
    if (attempt === 1) await client.tell([readdress], SERVER_ANSWERS);
    else await new Promise((resolve) => setTimeout(resolve, DELETE_PAUSE_MS));
  }
  return false;
}

const idOf = ({ backend, name }: RunningServer): string => `${backend}/${name}`;
