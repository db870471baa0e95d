import { z } from 'zod';
import {
  duration,
  flag,
  listOf,
  NAME,
  NAME_EXPECTED,
  named,
  oneOf,
  percent,
  secret,
  section,
  shortText,
  text,
  variables,
  whole,
} from '../environments/fields.schema.ts';
import { memoryBytes } from './memory-size.ts';

const MINUTE_MS = 60_000;
const LONGEST_GRACE_MS = 60 * MINUTE_MS;

/** Part of container names and of host names, so narrower than other names. */
export const APPLICATION_NAME = /^[a-z][a-z0-9-]{0,30}[a-z0-9]$/;
const APPLICATION_NAME_EXPECTED = 'a name of 2 to 32 characters a-z 0-9 - that begins with a letter';

const httpPath = () =>
  text('a path').refine((path) => /^\/(?!\/)\S*$/.test(path), {
    error: 'a path that begins with / and holds no space',
  });

const commandWords = () =>
  z.tuple([text('a command')], text('an argument'), { error: 'a list of a command and its arguments' });

/** `128Mi`, `1Gi`, `500M` or bytes. */
const memory = () =>
  z
    .union([z.string(), z.int()], { error: 'a size such as 128Mi, 1Gi or a number of bytes' })
    .transform((value, context) => {
      const bytes = memoryBytes(value);
      if (bytes !== null && bytes >= 6 * 1024 * 1024) return bytes;
      context.addIssue({ code: 'custom', message: 'a size of at least 6Mi such as 128Mi, 1Gi or a number of bytes' });
      return z.NEVER;
    });

const probeTiming = {
  interval: duration('above-zero', LONGEST_GRACE_MS)
    .optional()
    .describe('Between two looks at a ready instance; default 1s'),
  timeout: duration('above-zero', LONGEST_GRACE_MS).optional().describe('How long one answer may take; default 2s'),
  healthy_after: whole(1, 100).optional().describe('Good answers in a row that make it ready; default 1'),
  unhealthy_after: whole(1, 100).optional().describe('Bad answers in a row that make it unhealthy; default 3'),
};

/** How an instance proves that it is well: by a path, an open port or a command inside of it. */
export const HealthSpec = section({
  path: httpPath().optional().describe('Asked with GET; without path, tcp and command it is /health'),
  expected_status: whole(100, 599).optional().describe('Any other status is unhealthy; default 200'),
  tcp: z.literal(true, { error: 'true' }).optional().describe('An open port is enough'),
  command: commandWords().optional().describe('Run inside the container; 0 is well'),
  ...probeTiming,
}).refine((health) => ['path', 'tcp', 'command'].filter((key) => key in health).length <= 1, {
  error: 'only one of path, tcp and command',
});
export type HealthSpec = z.output<typeof HealthSpec>;

const MountSpec = section({
  type: oneOf(['bind', 'volume'])
    .default('volume')
    .describe('A folder of the engine’s host, or a volume of the engine'),
  source: text('a folder or the name of a volume').describe('An absolute path for bind'),
  target: text('an absolute path').regex(/^\//, { error: 'an absolute path' }).describe('Where the container sees it'),
  read_only: flag().default(false).describe('Whether the container may not write there'),
}).refine((mount) => mount.type === 'volume' || mount.source.startsWith('/'), {
  error: 'an absolute path as source of a bind',
});

const RoutingSpec = section({
  listen_port: whole(1, 65_535).optional().describe('Where clients reach it; default the next free one from 8100 on'),
  preview_port: whole(1, 65_535).optional().describe('Reaches the version that does not serve yet; default none'),
  header: section({
    name: text('a header’s name'),
    secret: secret().optional().describe('Then `always:SECRET` is believed, `always` alone is not'),
  })
    .optional()
    .describe('Requests with `always` get the coming version, with `never` the present one'),
  client_id_header: text('a header’s name')
    .default('x-client-id')
    .describe('Keeps a client on its version; else a cookie does'),
  allow_clients: listOf('client ids', text('a client id')).default([]).describe('Always get the coming version'),
  allow_networks: listOf('networks', text('an address or network'))
    .default([])
    .describe('Always get the coming version'),
  mirror: section({
    percent: percent(0.01).default(100).describe('Share of the requests without body that is copied'),
    maximum_in_flight: whole(1, 1_000).default(64).describe('More copies at once are dropped'),
  })
    .optional()
    .describe('Copies GET requests to the coming version before it serves; answers are dropped, best effort'),
  maximum_held: whole(1, 100_000).default(1_000).describe('Requests that may wait during a switch; more get 503'),
});

/** One deployable service. */
export const ApplicationSpec = section({
  image: text('an image without a tag').describe('Repository; the version is its tag'),
  version_tag: text('a tag with {version}')
    .regex(/\{version\}/, { error: 'a tag with {version} in it' })
    .default('{version}')
    .describe('How a version becomes a tag'),
  port: whole(1, 65_535).describe('Where it listens inside its container'),
  replicas: whole(1, 500).default(1).describe('Instances'),
  health: HealthSpec.default({}).describe('When an instance may get traffic'),
  liveness: HealthSpec.optional().describe('When a serving instance counts as broken; default as health'),
  description: shortText().default('').describe('What it is for'),
  command: commandWords().optional().describe('Instead of the image’s own'),
  env: variables().optional().describe('Given to each instance; what may be a secret is moved to one'),
  mounts: listOf('mounts', MountSpec).default([]),
  networks: listOf('networks', text('a network’s name')).default([]).describe('Joined beside the default one'),
  limits: section({
    cpus: z
      .number({ error: 'a number of CPUs above 0' })
      .min(0.01, { error: 'a number of CPUs from 0.01 on' })
      .optional(),
    memory: memory().optional(),
  })
    .default({})
    .describe('Of each instance; default none'),
  engine_health_check: section({
    command: commandWords(),
    interval: duration('above-zero').default(30_000),
  })
    .optional()
    .describe('The engine’s own HEALTHCHECK: for people, Sluice asks itself'),
  stop_grace: duration('above-zero', LONGEST_GRACE_MS).default(15_000).describe('From SIGTERM to SIGKILL'),
  drain: duration('zero', LONGEST_GRACE_MS)
    .default(30_000)
    .describe('Longest wait for requests under way before a stop'),
  registry: section({ username: text('a user name'), password: secret() })
    .optional()
    .describe('To pull its image'),
  routing: RoutingSpec.default({
    client_id_header: 'x-client-id',
    allow_clients: [],
    allow_networks: [],
    maximum_held: 1_000,
  }),
  depends_on: listOf('applications', text('the name of an application'))
    .default([])
    .describe('Deployed before it in a release'),
  critical: flag().default(false).describe('Deployed last in a release'),
});
export type ApplicationSpec = z.output<typeof ApplicationSpec>;

/** The file of `sluice app apply -f`. */
export const ApplicationFile = section({
  applications: z.record(z.string().regex(APPLICATION_NAME), ApplicationSpec, {
    error: (issue) => (issue.code === 'invalid_key' ? APPLICATION_NAME_EXPECTED : 'a section of applications by name'),
  }),
});
export type ApplicationFile = z.output<typeof ApplicationFile>;

const engineName = z.string().regex(NAME, { error: NAME_EXPECTED });

/** A Docker Engine of an environment: by socket, by TCP with TLS, or by SSH. */
export const EngineSpec = section({
  name: engineName.default('local'),
  host: text('unix:///path, tcp://host:port or ssh://user@host')
    .regex(/^(unix:\/\/\/|tcp:\/\/[^/\s]+:\d+|ssh:\/\/[^/\s@]+@[^/\s]+)/, {
      error: 'unix:///path, tcp://host:port or ssh://user@host[:port]',
    })
    .optional()
    .describe('Default DOCKER_HOST, else the engine that sluice up starts, else /var/run/docker.sock'),
  tls: section({ ca: secret(), certificate: secret(), key: secret() }).optional().describe('PEM texts; for tcp'),
  ssh_key: secret().optional().describe('Private key; for ssh'),
  ssh_host_key: text('a fingerprint')
    .regex(/^SHA256:[A-Za-z0-9+/]{43}$/, { error: 'a fingerprint such as SHA256:… (ssh-keygen -lf)' })
    .optional()
    .describe('Of the server’s key; without it whoever answers is trusted'),
  reach: text('an address').optional().describe('Under which the router reaches its published ports; default its host'),
});
export type EngineSpec = z.output<typeof EngineSpec>;

export const EnginesSpec = listOf('engines', EngineSpec).refine(
  (engines) => new Set(engines.map(({ name }) => name)).size === engines.length,
  { error: 'engines with different names' },
);

export const ApplicationsByName = named('applications', ApplicationSpec);
