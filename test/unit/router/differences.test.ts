import { describe, expect, it } from 'vitest';
import type { Route } from '#domain/containers/route.ts';
import { differences, type Change } from '../../../activities/adapters/haproxy/differences.ts';
import type { RunningRouter, RunningServer } from '../../../activities/adapters/haproxy/look.ts';
import { mapContents, ROUTER_MAPS, type MapName } from '../../../activities/adapters/haproxy/maps.ts';
import { backendName } from '../../../activities/adapters/haproxy/names.ts';
import { aRoute, memberOf } from '../../support/router/route-builder.ts';

const at = (name: string, port: number) => ({ name, address: { host: '172.17.0.2', port } });
const [one, two] = [memberOf(at('web-1', 1), 'a'), memberOf(at('web-2', 2), 'b')];
const route = aRoute('web', 8000, { members: [one] });
const until = '2030-01-01T00:00:00.000Z';

/** A process that does exactly what `as` says. */
function runs(as: Route): RunningRouter {
  const servers = as.members.map(({ arm, ...member }): RunningServer => ({
    ...member,
    backend: backendName(as.key, arm),
    isChecked: true,
  }));
  const contents = mapContents([as]);
  return {
    structure: '',
    servers,
    maps: new Map<MapName, ReadonlyMap<string, string>>(ROUTER_MAPS.map((name) => [name, contents[name]])),
  };
}

const words = (change: Change): string[] => {
  switch (change.kind) {
    case 'set':
      return change.commands.map((command) => command.replaceAll('/r/', ''));
    case 'delete':
      return [`delete ${change.server.backend}/${change.server.name}`];
    default:
      return [`${change.kind} ${change.command.split(' ').slice(2, 4).join(' ')}`];
  }
};
const steps = (from: Route, to: Route) => differences([to], runs(from), '/r').flatMap(words);

describe('the commands from one state to another', () => {
  it('are none when nothing differs', () => {
    expect(steps(route, { ...route, generation: 7 })).toEqual([]);
  });

  it('bring new members before the share, and take old ones out after the arms changed places', () => {
    const both = { ...route, members: [one, two], canaryBasisPoints: 2_500 };
    expect(steps(route, both)).toEqual(['add be_test.web_b/web-2 172.17.0.2:2', 'set map canary.map test.web 2500']);
    const promoted: Route = { ...route, stableArm: 'b', members: [{ ...one, state: 'drain' }, two] };
    expect(steps(both, promoted)).toEqual([
      'set map stable_be.map test.web be_test.web_b',
      'set map canary.map test.web 0',
      'set map canary_be.map test.web be_test.web_a',
      'set server be_test.web_a/web-1 state drain',
    ]);
    expect(steps(promoted, { ...promoted, members: [two] })).toEqual(['delete be_test.web_a/web-1']);
  });

  it('never give a share to the wrong version when the arms change places with a share', () => {
    const before = { ...route, members: [one, two], canaryBasisPoints: 9_000 };
    expect(steps(before, { ...before, stableArm: 'b', canaryBasisPoints: 9_000 })).toEqual([
      'set map stable_be.map test.web be_test.web_b',
      'set map canary.map test.web 0',
      'set map canary_be.map test.web be_test.web_a',
      'set map canary.map test.web 9000',
    ]);
  });

  it('hold first and let go last', () => {
    const held = { ...route, hold: { until, maximumQueued: 9 } };
    const drained = { ...held, members: [{ ...one, state: 'drain' as const }] };
    expect(steps(route, drained)).toEqual([
      `add map hold.map test.web ${Date.parse(until)}:9`,
      'set server be_test.web_a/web-1 state drain',
    ]);
    expect(steps(drained, { ...route, members: [{ ...one, name: 'web-3' }] })).toEqual([
      'add be_test.web_a/web-3 172.17.0.2:1',
      'delete be_test.web_a/web-1',
      'del map hold.map test.web',
    ]);
  });

  it('replace a member whose address is another one', () => {
    const moved = { ...route, members: [{ ...one, host: '172.17.0.9' }] };
    expect(steps(route, moved)).toEqual(['replace be_test.web_a/web-1 172.17.0.9:1']);
  });

  it('set what differs of a member, and have it checked', () => {
    const running = runs(route);
    const unchecked = {
      ...running,
      servers: running.servers.map((server) => ({ ...server, isChecked: false, weight: 1 })),
    };
    expect(differences([route], unchecked, '/r').flatMap(words)).toEqual([
      'enable health be_test.web_a/web-1',
      'set server be_test.web_a/web-1 weight 100',
    ]);
  });

  it('leave other routes alone', () => {
    expect(differences([], runs(route), '/r')).toEqual([]);
  });

  it('name the members that get copies', () => {
    const mirrored = { ...route, members: [one, two], mirror: { percent: 10, maximumInFlight: 4 } };
    expect(steps({ ...mirrored, mirror: null }, mirrored)).toEqual(['add map mirror.map test.web 10:4:172.17.0.2:2']);
    expect(steps(mirrored, { ...mirrored, mirror: null })).toEqual(['del map mirror.map test.web']);
  });
});
