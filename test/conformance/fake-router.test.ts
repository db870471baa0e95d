import { FakeRouter } from '../support/fakes/fake-router.ts';
import { routerConformance } from './router.suite.ts';

routerConformance('in memory', async () => {
  const router = new FakeRouter();
  let port = 1_000;
  const freePort = async () => {
    port += 1;
    return port;
  };
  const member = async (name: string) => ({ name, address: { host: '127.0.0.1', port: await freePort() } });
  return {
    router,
    freePort,
    takenPort: async () => {
      const taken = await freePort();
      router.takenPorts.add(taken);
      return taken;
    },
    member,
    deadMember: async (name) => {
      router.setUp(name, false);
      return member(name);
    },
    request: async ({ members, stableArm }, times) => {
      const name = members.find(({ arm }) => arm === stableArm)?.name ?? '';
      router.count(name, { requests: times });
    },
    begin: async (_route, name) => {
      router.setInFlight(name, 1);
      return { finish: async () => router.setInFlight(name, 0) };
    },
    meddle: async ({ key }) => router.meddle(key, (route) => ({ ...route, canaryBasisPoints: 4_000, members: [] })),
    kill: async () => router.stop(),
    start: async () => router.start(),
    close: async () => undefined,
  };
});
