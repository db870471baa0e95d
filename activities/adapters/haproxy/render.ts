import { hash } from 'node:crypto';
import { join } from 'node:path';
import type { Arm, Route, RouteMember } from '#domain/containers/route.ts';
import type { RouteCheck } from '#domain/containers/probe.ts';
import { backendName } from './names.ts';
import { routerFiles, type RouterOptions, type RouterPlace } from './place.ts';
import { frontendLines } from './render-frontend.ts';

/** Without both pool words a server that was added while running never reuses a connection. A new or dead one is looked
 * at every 50 ms, so that a member's first result does not take half a second. */
export const SERVER_WORDS =
  'check inter 500ms fastinter 100ms downinter 50ms fall 3 rise 1 pool-max-conn 200 pool-purge-delay 5s';

export interface RenderedRouter {
  /** haproxy.cfg, with the members, so that a restarted router serves at once. */
  readonly configuration: string;
  /** Of what only a reload changes: HAProxy tells it as its description. */
  readonly structure: string;
  /** Other files that the configuration names: path → text. Their names are made of their contents. */
  readonly lists: ReadonlyMap<string, string>;
}

/** The router's configuration for `routes`: pure. */
export function renderConfiguration(
  routes: readonly Route[],
  place: RouterPlace,
  options: RouterOptions,
): RenderedRouter {
  const lists = new Map<string, string>();
  const listFile = (words: readonly string[]) => {
    if (words.length === 0) return null;
    const text = `${words.join('\n')}\n`;
    const file = join(place.folder, `allow-${hash('sha256', text).slice(0, 16)}.lst`);
    lists.set(file, text);
    return file;
  };
  const sections = routes.map((route) => {
    const { allowClients, allowNetworks } = route.rules;
    const frontends = frontendLines(route, place.folder, {
      clients: listFile(allowClients),
      networks: listFile(allowNetworks),
    });
    return { route, frontends, backends: backendHeads(route, options) };
  });
  const head = [...globalLines(place), ...defaultLines(options)];
  const structure = hash(
    'sha256',
    [head, ...sections.flatMap(({ frontends, backends }) => [frontends, backends.a, backends.b])].flat().join('\n'),
  ).slice(0, 16);
  const body = sections.flatMap(({ route, frontends, backends }) => [
    ...frontends,
    ...backends.a,
    ...serverLines(route, 'a'),
    ...backends.b,
    ...serverLines(route, 'b'),
  ]);
  const configuration = `${[...head, ...body].join('\n')}\n`.replace(
    'global\n',
    `global\n  description ${structure}\n`,
  );
  return { configuration, structure, lists };
}

function globalLines(place: RouterPlace): string[] {
  const { adminSocket, script } = routerFiles(place);
  return [
    'global',
    `  stats socket ${adminSocket} mode 600 level admin expose-fd listeners`,
    '  stats timeout 60s',
    // Some machines allow a thousand million files, and HAProxy would reserve memory for each.
    '  fd-hard-limit 65536',
    // How long a worker that a reload has replaced may serve its last connections: as long as a silent WebSocket may live.
    '  hard-stop-after 10m',
    `  lua-load ${script}`,
  ];
}

function defaultLines({ retries }: RouterOptions): string[] {
  const again = ['retries 3', 'option redispatch 1', 'retry-on conn-failure empty-response'];
  const lines = [
    'mode http',
    'option forwardfor',
    // A request that waits gives its place up when its client goes away.
    'option abortonclose',
    // At a reload a kept connection gets one more answer, which says that it ends: no client writes into a closed one.
    'option idle-close-on-response',
    'timeout connect 1s',
    'timeout client 60s',
    'timeout server 60s',
    'timeout http-keep-alive 60s',
    'timeout http-request 30s',
    // Without it a WebSocket is cut after the client's or server's timeout.
    'timeout tunnel 10m',
    'timeout queue 15s',
    'timeout check 2s',
    ...(retries === 0 ? ['retries 0'] : again),
  ];
  return ['defaults', ...lines.map((line) => `  ${line}`)];
}

function backendHeads({ key, healthCheck }: Route, { retries }: RouterOptions): Record<Arm, string[]> {
  const check = healthCheck === null ? [] : checkLines(healthCheck);
  // Never a second time what may have been done the first time.
  const replay = retries === 0 ? [] : ['  http-request disable-l7-retry unless { method GET HEAD OPTIONS PUT DELETE }'];
  // Members come and go while it runs: only some algorithms allow that.
  const head = (arm: Arm) => [`backend ${backendName(key, arm)}`, '  balance roundrobin', ...replay, ...check];
  return { a: head('a'), b: head('b') };
}

const checkLines = ({ path, expectedStatus }: RouteCheck): string[] => [
  `  option httpchk GET ${path}`,
  `  http-check expect status ${expectedStatus}`,
];

const serverLines = ({ members }: Route, arm: Arm): string[] =>
  members
    .filter((member) => member.arm === arm)
    .map((member) => `  server ${member.name} ${memberAddress(member)} ${SERVER_WORDS} ${startState(member)}`);

/** A file cannot say `drain`; no weight comes nearest, until the next look sets it right. */
function startState({ state, weight }: RouteMember): string {
  if (state === 'drain') return 'weight 0';
  return state === 'maint' ? `weight ${weight} disabled` : `weight ${weight}`;
}

/** As HAProxy takes it: the last colon parts the port. */
export const memberAddress = ({ host, port }: RouteMember): string => `${host}:${port}`;
