import { isIP } from 'node:net';
import type { Route, RouteRules } from '#domain/containers/route.ts';
import { sluiceError } from '#domain/errors/failure.ts';

const HEADER = /^[A-Za-z0-9!#$%&*+.^_|~-]{1,100}$/;
/** No white space, quotes or escapes: it stands in a configuration file. */
const WORD = /^[\x21\x23-\x26\x28-\x5b\x5d-\x7e]{1,256}$/;
const HOST = /^[A-Za-z0-9.:_-]{1,253}$/;
const MEMBER = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;
const PATH = /^\/[\x21\x24-\x26\x28-\x5b\x5d-\x7e]{0,500}$/;

/** Throws ROUTE_INVALID for what HAProxy's files and commands cannot hold, so that no text becomes a command. */
export function checkRoute(route: Route): void {
  const refuse: Refuse = (field, why) => {
    throw sluiceError('ROUTE_INVALID', { key: route.key, field, why });
  };
  const { listen, previewPort, healthCheck, canaryBasisPoints } = route;
  if (!HOST.test(listen.host) && listen.host !== '*') refuse('listen.host', 'is no address');
  if (!isPort(listen.port)) refuse('listen.port', 'is not between 1 and 65535');
  if (previewPort !== null && !isPort(previewPort)) refuse('previewPort', 'is not between 1 and 65535');
  if (previewPort === listen.port) refuse('previewPort', 'is the port of the traffic itself');
  if (healthCheck !== null && !PATH.test(healthCheck.path)) refuse('healthCheck.path', 'is no path such as /health');
  if (healthCheck !== null && !isWhole(healthCheck.expectedStatus, 100, 599))
    refuse('healthCheck.expectedStatus', 'is not between 100 and 599');
  if (!isWhole(canaryBasisPoints, 0, 10_000)) refuse('canaryBasisPoints', 'is not between 0 and 10000');
  if (!isWhole(route.cohortSeed, 0, 2 ** 32 - 1)) refuse('cohortSeed', 'is no whole number of 32 bits');
  checkMembers(route, refuse);
  checkHoldAndMirror(route, refuse);
  checkRules(route.rules, refuse);
}

type Refuse = (field: string, why: string) => never;

function checkMembers({ members }: Route, refuse: Refuse): void {
  for (const { name, host, port, weight } of members) {
    if (!MEMBER.test(name)) refuse('members', `has the name ${JSON.stringify(name)}, which is no container's`);
    if (!isIP(host) || !isPort(port)) refuse('members', `has no usable address for ${name}`);
    if (!isWhole(weight, 1, 256)) refuse('members', `has a weight for ${name} that is not between 1 and 256`);
  }
  if (new Set(members.map(({ arm, name }) => `${arm}/${name}`)).size < members.length)
    refuse('members', 'has one twice');
}

function checkHoldAndMirror({ hold, mirror }: Route, refuse: Refuse): void {
  if (hold && Number.isNaN(Date.parse(hold.until))) refuse('hold.until', 'is no time');
  if (hold && !isWhole(hold.maximumQueued, 0, 1_000_000)) refuse('hold.maximumQueued', 'is no number of requests');
  if (mirror && !(mirror.percent >= 0 && mirror.percent <= 100)) refuse('mirror.percent', 'is not between 0 and 100');
  if (mirror && !isWhole(mirror.maximumInFlight, 1, 10_000))
    refuse('mirror.maximumInFlight', 'is not between 1 and 10000');
}

function checkRules(rules: RouteRules, refuse: Refuse): void {
  const { header, clientIdHeader, allowClients, allowNetworks } = rules;
  if (header && !HEADER.test(header.name)) refuse('rules.header.name', 'is no name of a header');
  if (header && header.secret !== null && !WORD.test(header.secret)) {
    refuse('rules.header.secret', 'may have neither white space nor quotes nor backslashes');
  }
  if (!HEADER.test(clientIdHeader)) refuse('rules.clientIdHeader', 'is no name of a header');
  if (!allowClients.every((client) => WORD.test(client) && !client.startsWith('#')))
    refuse('rules.allowClients', 'has one that is no client id');
  if (!allowNetworks.every(isNetwork)) refuse('rules.allowNetworks', 'has one that is neither address nor network');
}

function isNetwork(text: string): boolean {
  const [address = '', bits, rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest !== undefined) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}

const isPort = (port: number): boolean => isWhole(port, 1, 65_535);
const isWhole = (value: number, lowest: number, highest: number): boolean =>
  Number.isInteger(value) && value >= lowest && value <= highest;
