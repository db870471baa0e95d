import { describe, expect, it } from 'vitest';
import { routeName } from '../../../activities/adapters/haproxy/names.ts';
import { haproxyCommand, routerFiles } from '../../../activities/adapters/haproxy/place.ts';
import { renderConfiguration } from '../../../activities/adapters/haproxy/render.ts';
import { aRoute, memberOf } from '../../support/router/route-builder.ts';

const place = { folder: '/srv/router', program: '/usr/sbin/haproxy' };
const one = memberOf({ name: 'web-1', address: { host: '172.17.0.2', port: 8080 } }, 'a');
const route = aRoute('web', 8000, { members: [one] });
const render = (changed: Partial<typeof route>, retries: 0 | 3 = 3) =>
  renderConfiguration([{ ...route, ...changed }], place, { retries });

describe('the configuration', () => {
  it('lists the members, so that a restarted router serves at once', () => {
    const two = { ...one, name: 'web-2', arm: 'b' as const, weight: 7 };
    const gone = { ...one, name: 'web-3', state: 'drain' as const };
    const off = { ...one, name: 'web-4', state: 'maint' as const };
    const lines = render({ members: [one, two, gone, off] }).configuration.split('\n');
    const servers = lines.filter((line) => line.startsWith('  server ')).map((line) => line.trim().split(' '));
    expect(servers.map((words) => [words[1], words[2], words.slice(words.indexOf('weight')).join(' ')])).toEqual([
      ['web-1', '172.17.0.2:8080', 'weight 100'],
      ['web-3', '172.17.0.2:8080', 'weight 0'],
      ['web-4', '172.17.0.2:8080', 'weight 100 disabled'],
      ['web-2', '172.17.0.2:8080', 'weight 7'],
    ]);
    expect(servers.every((words) => words.includes('pool-max-conn') && words.includes('pool-purge-delay'))).toBe(true);
  });

  it.each([
    ['members', { members: [] }],
    ['the share', { canaryBasisPoints: 500 }],
    ['the arm in use', { stableArm: 'b' as const }],
    ['the seed', { cohortSeed: 9 }],
    ['a hold', { hold: { until: '2030-01-01T00:00:00.000Z', maximumQueued: 5 } }],
    ['a mirror', { mirror: { percent: 5, maximumInFlight: 4 } }],
    ['the generation', { generation: 9 }],
  ])('keeps its structure when it changes %s', (_what, changed) => {
    expect(render(changed).structure).toBe(render({}).structure);
  });

  it.each([
    ['the port', { listen: { host: '127.0.0.1', port: 8001 } }],
    ['the preview port', { previewPort: 8001 }],
    ['no health check', { healthCheck: null }],
    ['the health path', { healthCheck: { path: '/', expectedStatus: 200 } }],
    ['the expected status', { healthCheck: { path: '/health', expectedStatus: 204 } }],
    ['rules', { rules: { ...route.rules, allowClients: ['vip'] } }],
    ['allowed clients', { rules: { ...route.rules, allowClients: ['vip', 'tester'] } }],
  ])('gets another structure with another %s', (_what, changed) => {
    const rendered = render(changed);
    expect(rendered.structure).not.toBe(render({}).structure);
    expect(rendered.configuration).toContain(`description ${rendered.structure}\n`);
  });

  it('tries nothing again without retries', () => {
    expect(render({}).configuration).toContain('retry-on conn-failure empty-response');
    expect(render({}, 0).configuration).not.toMatch(/retry-on|redispatch|l7-retry/);
    expect(render({}, 0).structure).not.toBe(render({}).structure);
  });

  it('keeps long lists in files of their own', () => {
    const rendered = render({ rules: { ...route.rules, allowClients: ['a', 'b'], allowNetworks: ['10.0.0.0/8'] } });
    expect([...rendered.lists.values()]).toEqual(['a\nb\n', '10.0.0.0/8\n']);
    for (const file of rendered.lists.keys()) expect(rendered.configuration).toContain(file);
  });
});

describe('names', () => {
  it('stay as they are, and never meet', () => {
    expect(routeName('prod.web-1')).toBe('prod.web-1');
    expect(routeName('prod.wéb')).toMatch(/^prod\.w_b-[0-9a-f]{8}$/);
    expect(routeName('prod.wéb')).not.toBe(routeName('prod.wäb'));
  });
});

describe('the folder', () => {
  it('holds all that the program needs', () => {
    expect(haproxyCommand(place)).toEqual({
      file: '/usr/sbin/haproxy',
      args: ['-W', '-S', '/srv/router/master.sock,mode,600', '-f', '/srv/router/haproxy.cfg'],
    });
  });

  it.each(['relative/path', '/srv/my router', `/srv/${'x'.repeat(90)}`])('cannot be %s', (folder) => {
    const read = () => routerFiles({ ...place, folder });
    expect(read).toThrow(expect.objectContaining({ code: 'ROUTER_FOLDER_UNUSABLE' }));
  });
});
