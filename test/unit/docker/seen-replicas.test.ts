import type { ContainerInfo, ContainerInspectInfo } from 'dockerode';
import { expect, it } from 'vitest';
import type { Replica } from '#domain/ports/container-engine.port.ts';
import { SeenReplicas } from '../../../activities/adapters/docker/seen-replicas.ts';

const REPLICA = { id: 'c1', name: 'shop-1-1' } as Replica;

const networks = (end: string) => ({ Networks: { bridge: { EndpointID: end } } });
const inspected = (end: string, status = 'running'): ContainerInspectInfo =>
  ({
    Id: 'c1',
    Name: '/shop-1-1',
    State: { Status: status },
    NetworkSettings: networks(end),
  }) as unknown as ContainerInspectInfo;
const listed = (end: string, state = 'running'): ContainerInfo =>
  ({ Id: 'c1', Names: ['/shop-1-1'], State: state, NetworkSettings: networks(end) }) as unknown as ContainerInfo;

function seen(...noted: readonly ContainerInspectInfo[]): SeenReplicas {
  const replicas = new SeenReplicas();
  for (const one of noted) replicas.note(one, REPLICA);
  return replicas;
}

it('a running container that was looked at need not be looked at again', () => {
  expect(seen(inspected('e1')).find(listed('e1'))).toBe(REPLICA);
});

it('another start of it, a pause or its end has to be looked at', () => {
  const replicas = seen(inspected('e1'));
  expect(replicas.find(listed('e2'))).toBeNull();
  expect(replicas.find(listed('e1', 'paused'))).toBeNull();
  expect(replicas.find(listed('', 'exited'))).toBeNull();
});

it('what did not run when it was looked at, or tells no start apart, is not remembered', () => {
  expect(seen(inspected('e1'), inspected('', 'exited')).find(listed('e1'))).toBeNull();
  expect(seen(inspected('')).find(listed(''))).toBeNull();
});
