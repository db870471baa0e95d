import { z } from 'zod';
import { commandLine } from './command.schema.ts';
import { hasCredentialsInside } from './credentials-inside.ts';
import {
  duration,
  headers,
  isHttpUrl,
  LONGEST_CHECK_MS,
  NAME,
  NAME_EXPECTED,
  oneOf,
  script,
  secret,
  section,
  text,
  variables,
  whole,
} from './fields.schema.ts';

const TYPES = 'a health check with type http, mqtt, tcp, command or database';
/** A name, IPv4, or IPv6 without brackets. */
const HOST = /^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?$|^(?=.*:.*:)[0-9A-Fa-f:.]+$/;
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'OPTIONS'] as const;

const endpoint = text('an endpoint')
  .refine((value) => /^\/(?!\/)/.test(value) || isHttpUrl(value), {
    error:
      'a path that begins with / (resolved against health_check_url) or an absolute http(s) URL without user and password',
  })
  .refine((value) => !hasCredentialsInside(value), {
    error: 'an endpoint without a token in it (give it under headers)',
  });

const broker = text('a broker address').refine(isBrokerUrl, {
  error: 'a broker URL such as mqtt://broker.example:1883',
});

/** Apart from user and password, which are moved, it may hold no credential. */
function isBrokerUrl(value: string): boolean {
  if (!/^(mqtts?|wss?):\/\/[^/]/.test(value) || !URL.canParse(value)) return false;
  const { pathname, search, hash } = new URL(value);
  return hash === '' && !`${pathname}${search}`.includes('@') && !hasCredentialsInside(search);
}

const timing = {
  timeout: duration('above-zero', LONGEST_CHECK_MS)
    .optional()
    .describe('How long one try may take, up to 1 h; default performance.health_check_timeout'),
  retry_count: whole(0, 20).default(3).describe('Further tries before the check counts as failed'),
};

export const httpFields = {
  endpoint: endpoint.describe('What is asked; a path is resolved against the environment’s health_check_url'),
  method: oneOf(METHODS).default('GET').describe('The request’s method'),
  expected_status: whole(100, 599).default(200).describe('Any other status fails the check'),
  headers: headers().optional().describe('Sent along; what may be a secret is moved to one'),
  ...timing,
};

const mqttFields = {
  broker: broker.describe('The broker; a user and password in it are moved to a secret'),
  topic: text('a topic').describe('Where a message must arrive within the time-out'),
  username: text('a user name').optional().describe('With password, the broker’s credentials'),
  password: secret().optional().describe('Moved to a secret when written out'),
  ...timing,
};

const tcpFields = {
  host: text('a host').regex(HOST, { error: 'a host name or an address, without a port' }).describe('Who is asked'),
  port: whole(1, 65_535).describe('Must take a connection within the time-out'),
  ...timing,
};

const commandFields = {
  command: commandLine.describe('Run on the worker’s machine; well when it exits 0; a line of text is run by sh -c'),
  env: variables().optional().describe('Given to the command; what may be a secret is moved to one'),
  ...timing,
};

const databaseFields = {
  connection_string: secret().describe('Of PostgreSQL; moved to a secret'),
  query: script('a query').default('SELECT 1').describe('Must succeed within the time-out'),
  ...timing,
};

/** One check of `health_checks`, of five kinds. */
export const HealthCheckSpec = z.discriminatedUnion(
  'type',
  [
    section({ type: z.literal('http'), ...httpFields }),
    section({ type: z.literal('mqtt'), ...mqttFields }),
    section({ type: z.literal('tcp'), ...tcpFields }),
    section({ type: z.literal('command'), ...commandFields }),
    section({ type: z.literal('database'), ...databaseFields }),
  ],
  { error: TYPES },
);
export type HealthCheckSpec = z.output<typeof HealthCheckSpec>;

const name = text('a name').regex(NAME, { error: NAME_EXPECTED });

/** A check written in the plan file itself: the same fields and its name. */
export const InlineHealthCheck = z.discriminatedUnion(
  'type',
  [
    section({ type: z.literal('http'), name, ...httpFields }),
    section({ type: z.literal('mqtt'), name, ...mqttFields }),
    section({ type: z.literal('tcp'), name, ...tcpFields }),
    section({ type: z.literal('command'), name, ...commandFields }),
    section({ type: z.literal('database'), name, ...databaseFields }),
  ],
  { error: TYPES },
);
export type InlineHealthCheck = z.output<typeof InlineHealthCheck>;
