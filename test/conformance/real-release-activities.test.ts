// The activities of a shipped worker, on PostgreSQL and engines and a router in memory.
import { shareOf } from '#domain/containers/route-changes.ts';
import { routeKey } from '#domain/containers/route.ts';
import { openContainerWorld, type ContainerWorld } from '../support/containers/container-world.ts';
import { releaseConformance, type ReleaseBed } from './release-activities.suite.ts';

releaseConformance('on PostgreSQL', async () => {
  const world = await openContainerWorld();
  return {
    open: async () => {
      world.next();
      return bedOf(world);
    },
    close: () => world.close(),
  };
});

function bedOf(world: ContainerWorld): ReleaseBed {
  const versions = async (names: (name: string) => boolean) => {
    const found = (await world.containers()).filter(({ name }) => names(name));
    return [...new Set(found.map(({ labels }) => labels.version))];
  };
  return {
    activities: world.activities,
    run: (version, strategy) => world.run(version, strategy && { plan: { strategy } }),
    makeIll: (version) => world.answers.set(version, (_request, response) => response.writeHead(503).end()),
    present: () => versions(() => true),
    isHolding: async () => (await world.route()).hold !== null,
    serving: async () => {
      const key = routeKey(world.environment, 'shop');
      const { members } = await world.router.observe(key);
      const route = await world.route();
      const reached = members.filter(({ arm, state, up }) => state === 'ready' && up && shareOf(route, arm) > 0);
      return versions((name) => reached.some((member) => member.name === name));
    },
  };
}
