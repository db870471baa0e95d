import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Route } from '#domain/containers/route.ts';
import { withRoute } from '../../../activities/adapters/haproxy/desired-file.ts';
import { createRuntimeClient, type RuntimeClient } from '../../../activities/adapters/haproxy/runtime-client.ts';
import { writeRoutes } from '../../../activities/adapters/haproxy/write-routes.ts';
import { eventually } from '../../support/eventually.ts';
import { openHaproxyBed, type HaproxyBed } from '../../support/router/haproxy-bed.ts';
import { aRoute, memberOf } from '../../support/router/route-builder.ts';
import { get, startLoad } from '../../support/router/router-client.ts';
import { freePort } from '../../support/servers/ports.ts';

let bed: HaproxyBed;
beforeEach(async () => {
  bed = await openHaproxyBed({ retries: 0 });
});
afterEach(() => bed.close());

/** A client whose process dies before its `lines`-th line. */
function dyingAfter(lines: number): RuntimeClient {
  const client = createRuntimeClient(join(bed.place.folder, 'admin.sock'));
  let left = lines;
  const spend = () => {
    left -= 1;
    if (left < 0) throw new Error('died');
  };
  return {
    ask: async (line) => {
      spend();
      return client.ask(line);
    },
    askEach: async (commands) => {
      spend();
      return client.askEach(commands);
    },
    tell: async (commands, expected) => {
      // One by one, so that it can die between any two.
      for (const command of commands) {
        spend();
        await client.tell([command], expected);
      }
    },
  };
}

/** Dies at every point of the way to `to`, each time from `from`; gives how many points there were. */
async function dieEverywhere(from: Route, to: Route): Promise<number> {
  for (let point = 0; ; point += 1) {
    await bed.serve(from);
    const access = { place: bed.place, client: dyingAfter(point) };
    const died = await writeRoutes(access, [to.key], (before) => withRoute(before, to)).then(
      () => false,
      (error: Error) => error.message === 'died',
    );
    if (!died) return point;
    // The keeper's copy is that of the run's last whole step: it must neither undo nor break what the dead one began.
    await bed.router.reconcile([from]);
    await bed.router.apply(to);
    const observed = await bed.router.observe(to.key);
    expect(observed).toMatchObject({ stableArm: to.stableArm, canaryBasisPoints: to.canaryBasisPoints });
    await eventually(async () => {
      await bed.router.reconcile([to]);
      const members = (await bed.router.observe(to.key)).members.map(({ name, state }) => `${name} ${state}`);
      expect(members.toSorted()).toEqual(to.members.map(({ name, state }) => `${name} ${state}`).toSorted());
    });
  }
}

describe('a writer that dies before any of its commands', () => {
  it('fails no request, and the next one brings it to the end', async () => {
    const [old, next, third] = [await bed.backend('old'), await bed.backend('next'), await bed.backend('third')];
    const port = await freePort();
    const first = aRoute('web', port, { members: [memberOf(old, 'a')] });
    const split = { ...first, canaryBasisPoints: 2_500, members: [memberOf(old, 'a'), memberOf(next, 'b')] };
    const promoted: Route = {
      ...first,
      stableArm: 'b',
      members: [memberOf(old, 'a', { state: 'drain' }), memberOf(next, 'b', { weight: 50 }), memberOf(third, 'b')],
    };
    await bed.serve(first);
    const load = startLoad(port, 'kept');
    expect(await dieEverywhere(first, split)).toBeGreaterThan(3);
    expect(await dieEverywhere(split, promoted)).toBeGreaterThan(5);
    expect(await dieEverywhere(promoted, first)).toBeGreaterThan(5);
    const { failures, answered } = await load.stop();
    expect(failures).toEqual([]);
    expect(answered).toBeGreaterThan(100);
    expect((await get(port)).text).toBe('old');
  });
});
