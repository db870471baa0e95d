// The engine's API, as a script would call it.
import { get } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type Docker from 'dockerode';
import type { Member } from './routing.ts';

const PORT = 8080;
const PROBE_EVERY_MS = 25;
const HEALTHY_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_S = 15;

/** Creates and starts the containers, all at once; they need not serve yet. */
export async function startContainers(docker: Docker, image: string, names: readonly string[]): Promise<Member[]> {
  return Promise.all(names.map((name) => startContainer(docker, image, name)));
}

async function startContainer(docker: Docker, image: string, name: string): Promise<Member> {
  const container = await docker.createContainer({ name, Image: image });
  await container.start();
  const { NetworkSettings } = await container.inspect();
  return { name, address: `${NetworkSettings.Networks['bridge']?.IPAddress}:${PORT}` };
}

/** Until each answers its own health check. Throws after 30 s. */
export async function waitHealthy(members: readonly Member[]): Promise<void> {
  await Promise.all(members.map(waitOneHealthy));
}

async function waitOneHealthy({ name, address }: Member): Promise<void> {
  const deadline = Date.now() + HEALTHY_TIMEOUT_MS;
  while (!(await isHealthy(address))) {
    if (Date.now() > deadline) throw new Error(`${name} is not healthy`);
    await pause(PROBE_EVERY_MS);
  }
}

function isHealthy(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(`http://${address}/health`, { agent: false, timeout: 1_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.once('error', () => resolve(false)).once('timeout', () => request.destroy());
  });
}

/** Lets them end on their own, all at once. */
export async function stopContainers(docker: Docker, members: readonly Member[]): Promise<void> {
  await Promise.all(members.map(({ name }) => docker.getContainer(name).stop({ t: STOP_TIMEOUT_S })));
}

export async function removeContainers(docker: Docker, members: readonly Member[]): Promise<void> {
  await Promise.all(members.map(({ name }) => docker.getContainer(name).remove()));
}
