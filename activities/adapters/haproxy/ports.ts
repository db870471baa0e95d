import { createServer } from 'node:net';
import type { Route } from '#domain/containers/route.ts';
import { sluiceError } from '#domain/errors/failure.ts';

interface Address {
  readonly key: string;
  readonly host: string;
  readonly port: number;
}

const RELEASE_TIMEOUT_MS = 2_000;
const RELEASE_POLL_MS = 10;

/**
 * Throws PORT_TAKEN when two of `after` want one port, or a port that none of `before` has is taken by another program.
 * Those that `before` has are the router's own.
 */
export async function checkPorts(before: readonly Route[], after: readonly Route[]): Promise<void> {
  const own = before.flatMap(addresses);
  const wanted = after.flatMap(addresses).filter((address) => !own.some((each) => isSame(each, address)));
  for (const address of wanted) {
    const others = after.filter(({ key }) => key !== address.key).flatMap(addresses);
    const rival = others.find((other) => clashes(address, other));
    if (rival) throw sluiceError('PORT_TAKEN', { ...address, by: `${rival.key} has it` });
  }
  await checkAddedPorts(before, after);
}

/** Throws PORT_TAKEN when one of those that `after` has more than `before` is not free. */
export const checkAddedPorts = (before: readonly Route[], after: readonly Route[]): Promise<void> =>
  checkFree(addedAddresses(before, after));

/** Waits, 2 s at most, until those that `after` no longer has are free: the worker before needs a moment to let go. */
export async function awaitReleased(before: readonly Route[], after: readonly Route[]): Promise<void> {
  const deadline = Date.now() + RELEASE_TIMEOUT_MS;
  for (const address of addedAddresses(after, before)) {
    while ((await whyNotFree(address)) !== null && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, RELEASE_POLL_MS));
    }
  }
}

function addedAddresses(before: readonly Route[], after: readonly Route[]): Address[] {
  const known = before.flatMap(addresses);
  return after
    .flatMap(addresses)
    .filter(({ host, port }) => !known.some((address) => address.host === host && address.port === port));
}

async function checkFree(wanted: readonly Address[]): Promise<void> {
  for (const address of wanted) {
    const why = await whyNotFree(address);
    if (why) throw sluiceError('PORT_TAKEN', { ...address, by: why });
  }
}

const addresses = ({ key, listen, previewPort }: Route): Address[] => [
  { key, ...listen },
  ...(previewPort === null ? [] : [{ key, host: listen.host, port: previewPort }]),
];

const EVERYWHERE = new Set(['*', '0.0.0.0', '::']);

const isSame = (one: Address, other: Address): boolean =>
  one.key === other.key && one.host === other.host && one.port === other.port;

const clashes = (one: Address, other: Address): boolean =>
  one.port === other.port && (one.host === other.host || EVERYWHERE.has(one.host) || EVERYWHERE.has(other.host));

function whyNotFree({ host, port }: Address): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', ({ code, message }: NodeJS.ErrnoException) => {
      resolve(code === 'EADDRINUSE' ? 'another program listens there' : message);
    });
    server.listen({ port, host: host === '*' ? '0.0.0.0' : host, exclusive: true }, () => {
      server.close(() => resolve(null));
    });
  });
}
