import { expect, it } from 'vitest';
import { fakeBehaviour } from '../support/containers/programs.ts';
import { newReplica } from '../support/containers/replicas.ts';
import { FakeContainerEngine } from '../support/fakes/fake-container-engine.ts';
import { containerEngineConformance } from './container-engine.suite.ts';

const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;

const make = (name: string): FakeContainerEngine =>
  new FakeContainerEngine({
    name,
    images: [
      { reference: 'registry/shop:1', digest: digest('1'), isInRegistry: true, isOnEngine: true },
      { reference: 'registry/shop:2', digest: digest('2'), isInRegistry: true, isOnEngine: false },
      { reference: 'shop:local', digest: digest('3'), isInRegistry: false, isOnEngine: true },
    ],
    behave: ({ spec }) => fakeBehaviour(spec.command),
    command: (_replica, [program]) => (program === '/bin/sleep' ? null : { exitCode: 7, output: 'out\nerr\n' }),
  });

containerEngineConformance('in memory', async () => {
  const engine = make('memory');
  const nobody = make('nobody');
  nobody.setUp(false);
  return {
    engine,
    held: { tag: 'registry/shop:1', image: `registry/shop@${digest('1')}`, digest: digest('1') },
    remote: { tag: 'registry/shop:2', digest: digest('2') },
    local: { tag: 'shop:local', id: digest('3') },
    connectToNobody: async () => nobody,
    addForeign: async (name) => engine.addForeign(name),
    stopRegistry: async () => {
      engine.images.isRegistryUp = false;
    },
    restart: async () => {
      engine.setUp(false);
      engine.setUp(true);
    },
    close: async () => engine.close(),
  };
});

it('ends a program by its own fault, and remembers what was asked of it', async () => {
  const engine = make('memory');
  const { name } = await engine.createReplica(newReplica({ spec: { image: 'registry/shop:1' } }));
  await engine.startReplica(name);
  await engine.end(name, 137, true);
  expect((await engine.listAll())[0]?.exit).toMatchObject({ code: 137, outOfMemory: true });
  expect(engine.calls).toEqual([`createReplica ${name}`, `startReplica ${name}`, 'listReplicas']);
});
