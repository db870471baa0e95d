import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ALL_TRAFFIC, type Route } from '#domain/containers/route.ts';
import { openHaproxyBed, type HaproxyBed } from '../../support/router/haproxy-bed.ts';
import { aRoute, memberOf } from '../../support/router/route-builder.ts';
import { get, getAll } from '../../support/router/router-client.ts';
import type { TestBackend } from '../../support/router/test-backend.ts';
import { freePort, freePorts } from '../../support/servers/ports.ts';

let bed: HaproxyBed;
let [old, next]: TestBackend[] = [];
let route: Route;
let port: number;
beforeAll(async () => {
  bed = await openHaproxyBed();
  [old, next] = [await bed.backend('old'), await bed.backend('next')];
});
afterAll(() => bed.close());
beforeEach(async () => {
  port = await freePort();
  if (!old || !next) throw new Error('no backends');
  route = aRoute(`app-${port}`, port, { members: [memberOf(old, 'a'), memberOf(next, 'b')] });
});

const clients = (count: number) => Array.from({ length: count }, (_, index) => ({ 'x-client-id': `client-${index}` }));
const getsNext = async (headers: Record<string, string>) => (await get(port, { headers })).text === 'next';

describe('the share of the coming version', () => {
  it('is nothing at first, whatever the Host header says', async () => {
    await bed.serve(route);
    const answers = await getAll(port, [{}, { host: 'shop.example' }, ...clients(100)]);
    expect(new Set(answers.map(({ text, status }) => `${status} ${text}`))).toEqual(new Set(['200 old']));
  });

  it('is 10 % of 10,000 clients within one', async () => {
    await bed.serve({ ...route, canaryBasisPoints: 1_000 });
    const answers = await getAll(port, clients(10_000));
    const share = answers.filter(({ text }) => text === 'next').length / 10_000;
    expect(share).toBeGreaterThan(0.09);
    expect(share).toBeLessThan(0.11);
  });

  it('takes in clients as it grows and sends none of them back, without a reload', async () => {
    await bed.serve(route);
    const { pid } = await bed.router.facts();
    const cohort = clients(1_000);
    let before = new Set<number>();
    for (const basisPoints of [0, 500, 2_500, 5_000, ALL_TRAFFIC]) {
      await bed.router.apply({ ...route, canaryBasisPoints: basisPoints });
      const answers = await getAll(port, cohort);
      const now = new Set(answers.flatMap(({ text }, index) => (text === 'next' ? [index] : [])));
      expect([...before].filter((index) => !now.has(index))).toEqual([]);
      expect(Math.abs(now.size / 1_000 - basisPoints / ALL_TRAFFIC)).toBeLessThan(0.05);
      before = now;
    }
    expect((await bed.router.facts()).pid).toBe(pid);
  });

  it('begins with other clients under another seed', async () => {
    const first = async (cohortSeed: number) => {
      await bed.serve({ ...route, canaryBasisPoints: 1_000, cohortSeed });
      const answers = await getAll(port, clients(500));
      return answers.flatMap(({ text }, index) => (text === 'next' ? [index] : []));
    };
    const one = await first(1);
    expect(await first(2)).not.toEqual(one);
    expect(await first(1)).toEqual(one);
  });

  it('keeps a client without an id by a cookie beside those of the application', async () => {
    old?.setHeader('set-cookie', 'session=1');
    next?.setHeader('set-cookie', 'session=1');
    await bed.serve({ ...route, canaryBasisPoints: 5_000 });
    const firsts = await getAll(port, Array<Record<string, string>>(100).fill({}));
    expect(new Set(firsts.map(({ text }) => text))).toEqual(new Set(['old', 'next']));
    const cookies = firsts.map(({ setCookie }) => {
      expect(setCookie).toEqual(['session=1', expect.stringMatching(/^sluice_b=\d+; Path=\/; /)]);
      return { cookie: setCookie[1]?.split(';')[0] ?? '' };
    });
    const seconds = await getAll(port, cookies);
    expect(seconds.map(({ text }) => text)).toEqual(firsts.map(({ text }) => text));
    expect(seconds.every(({ setCookie }) => setCookie.length === 1)).toBe(true);
  });

  it('goes to the version in use while the coming one cannot answer', async () => {
    const [a] = route.members;
    await bed.serve({ ...route, members: a ? [a] : [], canaryBasisPoints: ALL_TRAFFIC });
    expect(await get(port)).toMatchObject({ status: 200, text: 'old' });
  });
});

describe('rules', () => {
  const { rules } = aRoute('rules', 1);

  it('let the header decide, for everybody', async () => {
    await bed.serve({ ...route, rules: { ...rules, header: { name: 'x-canary', secret: null } } });
    expect(await getsNext({ 'x-canary': 'always' })).toBe(true);
    expect(await getsNext({ 'x-canary': 'perhaps' })).toBe(false);
    await bed.router.apply({
      ...route,
      canaryBasisPoints: ALL_TRAFFIC,
      rules: { ...rules, header: { name: 'x-canary', secret: null } },
    });
    expect(await getsNext({ 'x-canary': 'never' })).toBe(false);
    expect(await getsNext({})).toBe(true);
  });

  it('let the header decide for those who know the secret, and keep it from the application', async () => {
    await bed.serve({ ...route, rules: { ...rules, header: { name: 'x-canary', secret: '#s,)3%c$r&t{}' } } });
    expect(await getsNext({ 'x-canary': 'always' })).toBe(false);
    expect(await getsNext({ 'x-canary': 'always:other' })).toBe(false);
    expect(await getsNext({ 'x-canary': 'always:#s,)3%c$r&t{}' })).toBe(true);
    expect(next?.seen.at(-1)?.headers).not.toHaveProperty('x-canary');
  });

  it('send allowed clients and networks to the coming version', async () => {
    await bed.serve({ ...route, rules: { ...rules, allowClients: ['vip', 'tester-7'] } });
    expect([await getsNext({ 'x-client-id': 'tester-7' }), await getsNext({ cookie: 'sluice_b=vip' })]).toEqual([
      true,
      true,
    ]);
    expect([await getsNext({ 'x-client-id': 'vi' }), await getsNext({})]).toEqual([false, false]);
    await bed.serve({ ...route, rules: { ...rules, allowNetworks: ['10.0.0.0/8'] } });
    expect(await getsNext({})).toBe(false);
    await bed.serve({ ...route, rules: { ...rules, allowNetworks: ['10.0.0.0/8', '127.0.0.0/8'] } });
    expect(await getsNext({})).toBe(true);
  });
});

describe('the preview port', () => {
  it('reaches the version that is not in use, and says so when there is none', async () => {
    const [listen = 0, previewPort = 0] = await freePorts(2);
    const previewed = { ...route, listen: { host: '127.0.0.1', port: listen }, previewPort };
    await bed.serve(previewed);
    expect([(await get(listen)).text, (await get(previewPort)).text]).toEqual(['old', 'next']);
    await bed.router.apply({ ...previewed, stableArm: 'b' });
    expect([(await get(listen)).text, (await get(previewPort)).text]).toEqual(['next', 'old']);
    await bed.router.apply({ ...previewed, members: previewed.members.slice(0, 1) });
    const empty = await get(previewPort);
    expect([empty.status, empty.text]).toEqual([503, expect.stringContaining('nothing to preview')]);
    expect((await get(listen)).status).toBe(200);
  });
});

it('counts for each member what it answered, and what it failed to', async () => {
  await bed.serve({ ...route, rules: { ...route.rules, header: { name: 'x-canary', secret: null } } });
  await getAll(port, Array<Record<string, string>>(7).fill({ 'x-canary': 'always' }));
  await getAll(port, Array<Record<string, string>>(3).fill({}));
  const counted = async () => (await bed.router.observe(route.key)).members.map(({ counters }) => counters);
  expect(await counted()).toMatchObject([
    { requests: 3, answers5xx: 0, failures: 0 },
    { requests: 7, answers5xx: 0, failures: 0 },
  ]);
  const dying = await bed.backend('dying');
  const member = memberOf(dying, 'a');
  await bed.serve({ ...route, members: [member] });
  await dying.close();
  await get(port);
  const { members } = await bed.router.observe(route.key);
  expect(members.find(({ name }) => name === member.name)?.counters.failures).toBeGreaterThan(0);
});
