import { join } from 'node:path';
import type { Arm } from '#domain/containers/route.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import type { MemberCounters, ObservedMember, ObservedRoute } from '#domain/ports/router.port.ts';
import { parseMap, parseServers, parseStat } from './look.ts';
import { backendName, routeName } from './names.ts';
import type { RuntimeClient } from './runtime-client.ts';

const ARMS: readonly Arm[] = ['a', 'b'];
/** Kind of rows of `show stat`. */
const SERVERS = 4;

/** What the running router does with `key`, by one connection. Throws ROUTE_UNKNOWN and ROUTER_UNREACHABLE. */
export async function observeRoute(client: RuntimeClient, folder: string, key: string): Promise<ObservedRoute> {
  const name = routeName(key);
  const [stableMap = '', canaryMap = '', holdMap = '', counts = '', ...shown] = await client.askEach([
    ...['stable_be', 'canary', 'hold'].map((map) => showMap(folder, map)),
    'sluice counts',
    ...backends(key).map((backend) => `show servers state ${backend}`),
    ...backends(key).map((backend) => `show stat ${backend} ${SERVERS} -1`),
  ]);
  checkKnown(stableMap, key);
  const until = Number(parseMap(holdMap).get(name)?.split(':')[0] ?? 0);
  return {
    key,
    stableArm: parseMap(stableMap).get(name) === backendName(key, 'a') ? 'a' : 'b',
    canaryBasisPoints: Number(parseMap(canaryMap).get(name) ?? 0),
    members: observedMembers(key, shown.slice(0, ARMS.length).join('\n'), shown.slice(ARMS.length).join('\n')),
    heldRequests: heldRequests(counts, name),
    isHolding: until > Date.now(),
  };
}

function observedMembers(key: string, states: string, stats: string): ObservedMember[] {
  const rows = parseStat(stats);
  return parseServers(states).flatMap((server) => {
    const row = rows.find((each) => each('pxname') === server.backend && each('svname') === server.name);
    const arm = ARMS.find((each) => backendName(key, each) === server.backend);
    if (!row || !arm) return [];
    const { name, host, port, weight, state } = server;
    const up = isUp(row('status'), row('check_status'));
    return { name, arm, host, port, weight, state, up, inFlight: Number(row('scur')), counters: countersOf(row) };
  });
}

/**
 * HAProxy calls a server up as soon as it is enabled. Its last check must have passed too: `L7OK` over HTTP, `L4OK` over
 * TCP, with a star before it while the next check is under way.
 */
const isUp = (status: string, check: string): boolean => /^(UP|DRAIN)/.test(status) && /^(\* )?L[47]OK/.test(check);

const countersOf = (row: (column: string) => string): MemberCounters => ({
  requests: Number(row('req_tot')),
  answers5xx: Number(row('hrsp_5xx')),
  // A failed connection that was tried again is one all the same: retries must not hide it.
  failures: ['econ', 'eresp', 'wretr', 'wredis'].reduce((sum, column) => sum + Number(row(column)), 0),
  responseTimeMs: Number(row('rtime')),
});

/** Ends the sessions on the named members, in whichever arm they are. Throws ROUTE_UNKNOWN, ROUTER_UNREACHABLE. */
export async function cutSessionsOf(
  client: RuntimeClient,
  folder: string,
  { key, names }: { key: string; names: readonly string[] },
): Promise<void> {
  const [stable = '', ...states] = await client.askEach([
    showMap(folder, 'stable_be'),
    ...backends(key).map((backend) => `show servers state ${backend}`),
  ]);
  checkKnown(stable, key);
  const servers = parseServers(states.join('\n'));
  const cut = servers.filter(({ name }) => names.includes(name));
  await client.tell(cut.map(({ backend, name }) => `shutdown sessions server ${backend}/${name}`));
}

function checkKnown(stableMap: string, key: string): void {
  if (!parseMap(stableMap).has(routeName(key))) throw sluiceError('ROUTE_UNKNOWN', { key });
}

/** From `sluice counts` of hold.lua: route, waiting requests and more. */
function heldRequests(counts: string, name: string): number {
  const lines = counts.split('\n').map((line) => line.split(' '));
  return Number(lines.find(([route]) => route === name)?.[1] ?? 0);
}

const showMap = (folder: string, map: string): string => `show map ${join(folder, `${map}.map`)}`;

const backends = (key: string): string[] => ARMS.map((arm) => backendName(key, arm));
