import { join } from 'node:path';
import type { Route, RouteMember } from '#domain/containers/route.ts';
import type { RunningRouter, RunningServer } from './look.ts';
import { mapContents, type MapName } from './maps.ts';
import { backendName, routeName } from './names.ts';
import { memberAddress, SERVER_WORDS } from './render.ts';

export type Change =
  /** Commands that HAProxy answers with silence. */
  | { readonly kind: 'set'; readonly commands: readonly string[] }
  | { readonly kind: 'add'; readonly command: string; readonly enable: readonly string[] }
  /** Its address is another one: taken out and added, so that it is up by a check of the new address only. */
  | {
      readonly kind: 'replace';
      readonly server: RunningServer;
      readonly readdress: string;
      readonly command: string;
      readonly enable: readonly string[];
    }
  | { readonly kind: 'delete'; readonly server: RunningServer };

/**
 * What makes the running router serve `routes` as they say, in an order in which every moment is valid: requests are held
 * first and let go last, new members come before traffic moves, old ones go after it. Routes that are not named are left alone.
 */
export function differences(routes: readonly Route[], running: RunningRouter, folder: string): Change[] {
  const maps = mapChanges(routes, running, folder);
  const servers = routes.flatMap((route) => serverChanges(route, running.servers));
  const set = (commands: readonly string[]): Change[] => (commands.length > 0 ? [{ kind: 'set', commands }] : []);
  return [
    ...set(maps.hold),
    ...servers.filter(({ phase }) => phase === 'before').map(({ change }) => change),
    ...set(maps.traffic),
    ...servers.filter(({ phase }) => phase === 'after').map(({ change }) => change),
    ...set(maps.release),
  ];
}

interface PhasedChange {
  readonly phase: 'before' | 'after';
  readonly change: Change;
}

function serverChanges(route: Route, running: readonly RunningServer[]): PhasedChange[] {
  const wanted = route.members.map((member) => ({ member, backend: backendName(route.key, member.arm) }));
  const backends = [backendName(route.key, 'a'), backendName(route.key, 'b')];
  const ours = running.filter(({ backend }) => backends.includes(backend));
  const found = new Map(ours.map((server) => [`${server.backend}/${server.name}`, server]));
  const known = wanted.flatMap(({ member, backend }) => {
    const server = found.get(`${backend}/${member.name}`);
    found.delete(`${backend}/${member.name}`);
    return server ? memberChanges(member, server) : [{ phase: 'before' as const, change: addition(member, backend) }];
  });
  const surplus = [...found.values()].map((server) => ({
    phase: 'after' as const,
    change: { kind: 'delete' as const, server },
  }));
  return [...known, ...surplus];
}

function memberChanges(member: RouteMember, server: RunningServer): PhasedChange[] {
  if (member.host !== server.host || member.port !== server.port) {
    return [{ phase: 'before', change: replacement(member, server) }];
  }
  const id = `${server.backend}/${server.name}`;
  // The state first: a router that was started from its file drains by weight 0, and must not be ready in between.
  const commands = [
    ...(server.isChecked ? [] : [`enable health ${id}`]),
    ...(server.state === member.state ? [] : [`set server ${id} state ${member.state}`]),
    ...(server.weight === member.weight ? [] : [`set server ${id} weight ${member.weight}`]),
  ];
  if (commands.length === 0) return [];
  return [{ phase: member.state === 'ready' ? 'before' : 'after', change: { kind: 'set', commands } }];
}

function addition(member: RouteMember, backend: string): Change {
  return { kind: 'add', command: addCommand(member, backend), enable: enableCommands(member, backend) };
}

function replacement(member: RouteMember, server: RunningServer): Change {
  const { backend } = server;
  const id = `${backend}/${member.name}`;
  return {
    kind: 'replace',
    server,
    readdress: `set server ${id} addr ${member.host} port ${member.port}`,
    command: addCommand(member, backend),
    enable: [...enableCommands(member, backend), `set server ${id} weight ${member.weight}`],
  };
}

const addCommand = (member: RouteMember, backend: string): string =>
  `add server ${backend}/${member.name} ${memberAddress(member)} ${SERVER_WORDS} weight ${member.weight}`;

/** Checks are off until they are enabled. */
const enableCommands = (member: RouteMember, backend: string): string[] => [
  `enable health ${backend}/${member.name}`,
  `set server ${backend}/${member.name} state ${member.state}`,
];

interface MapChanges {
  readonly hold: readonly string[];
  readonly traffic: readonly string[];
  readonly release: readonly string[];
}

function mapChanges(routes: readonly Route[], running: RunningRouter, folder: string): MapChanges {
  const wanted = mapContents(routes);
  const names = routes.map(({ key }) => routeName(key));
  const change = (map: MapName, name: string): string[] => {
    const now = running.maps.get(map)?.get(name);
    const then = wanted[map].get(name);
    const file = join(folder, `${map}.map`);
    if (now === then) return [];
    if (then === undefined) return [`del map ${file} ${name}`];
    return [`${now === undefined ? 'add' : 'set'} map ${file} ${name} ${then}`];
  };
  const traffic = names.flatMap((name) => {
    const share = wanted.canary.get(name) ?? '0';
    const shifts = running.maps.get('stable_be')?.get(name) !== wanted.stable_be.get(name);
    const hadShare = (running.maps.get('canary')?.get(name) ?? '0') !== '0';
    const setShare = (value: string) => `set map ${join(folder, 'canary.map')} ${name} ${value}`;
    const seed = change('seed', name);
    const arms = [change('stable_be', name), change('canary_be', name)] as const;
    // When the arms change places, the share of the one that was next must not become that of the one that was in use.
    if (shifts && hadShare) {
      return [...arms[0], setShare('0'), ...arms[1], ...seed, ...(share === '0' ? [] : [setShare(share)])];
    }
    const shares = change('canary', name);
    return [...arms.flat(), ...(share === '0' ? [...shares, ...seed] : [...seed, ...shares])];
  });
  const holds = names.map((name) => ({ isRelease: !wanted.hold.has(name), commands: change('hold', name) }));
  return {
    hold: holds.filter(({ isRelease }) => !isRelease).flatMap(({ commands }) => commands),
    traffic: [...traffic, ...names.flatMap((name) => change('mirror', name))],
    release: holds.filter(({ isRelease }) => isRelease).flatMap(({ commands }) => commands),
  };
}
