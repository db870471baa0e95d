import type { EngineSpec } from '../containers/application.schema.ts';
import type { EngineAddress, EngineTls } from '../containers/engine-address.ts';
import type { SecretRef } from '../plan/health-check.ts';
import type { Problem } from './problem.ts';

/** What an environment says of its engines, and where one is that says nothing. */
export interface WantedEngines {
  readonly engines: readonly EngineSpec[];
  /** `unix:///…`, `tcp://…` or `ssh://…` for an engine without a host. */
  readonly defaultHost: string;
  /** Where they were written, for problems: `environments.production.engines`. */
  readonly path: string;
}

export interface SettledEngines {
  readonly engines: readonly EngineAddress[];
  readonly problems: readonly Problem[];
}

/** The engines of an environment with the way to each. Problems are values: the caller refuses with all of them. */
export function settleEngines({ engines, defaultHost, path }: WantedEngines): SettledEngines {
  const settled = engines.map((spec, at) => settleEngine(spec, spec.host ?? defaultHost, `${path}[${at}]`));
  return {
    engines: settled.flatMap((one) => ('address' in one ? [one.address] : [])),
    problems: settled.flatMap((one) => ('problem' in one ? [one.problem] : [])),
  };
}

type Settled = { readonly address: EngineAddress } | { readonly problem: Problem };

const DOCKER_TLS_PORT = 2376;
const SSH_PORT = 22;

function settleEngine(spec: EngineSpec, host: string, path: string): Settled {
  const { name, reach } = spec;
  const socket = /^unix:\/\/(\/.*)$/.exec(host)?.[1];
  if (socket !== undefined) {
    const reached = reach === undefined ? ({ kind: 'bridge' } as const) : published(reach);
    return { address: { name, way: { kind: 'socket', path: socket }, reach: reached } };
  }
  if (!/^(tcp|ssh):\/\//.test(host) || !URL.canParse(host)) return { problem: noHost(path, host) };
  const url = new URL(host);
  const reached = published(reach ?? url.hostname);
  if (url.protocol === 'ssh:') return viaSsh(spec, { url, reached, path });
  const tls = tlsOf(spec);
  if (tls === 'written') return { problem: writtenSecret(`${path}.tls`) };
  const port = Number(url.port) || DOCKER_TLS_PORT;
  return { address: { name, way: { kind: 'tcp', host: url.hostname, port, tls }, reach: reached } };
}

const published = (host: string) => ({ kind: 'published', host }) as const;

interface Way {
  readonly url: URL;
  readonly reached: EngineAddress['reach'];
  readonly path: string;
}

function viaSsh({ name, ssh_key: key, ssh_host_key: hostKey }: EngineSpec, { url, reached, path }: Way): Settled {
  if (key === undefined) {
    const fix = `Set ${path}.ssh_key, written out or as { secretRef: "file:PATH" }.`;
    return { problem: { path: `${path}.ssh_key`, expected: 'a private key for ssh', got: 'nothing', fix } };
  }
  if (typeof key === 'string') return { problem: writtenSecret(`${path}.ssh_key`) };
  const way = {
    kind: 'ssh',
    host: url.hostname,
    port: Number(url.port) || SSH_PORT,
    user: decodeURIComponent(url.username),
    key,
    hostKey: hostKey ?? null,
  } as const;
  return { address: { name, way, reach: reached } };
}

/** Secrets were moved to files before: text here would be a secret inside a plan. */
function tlsOf({ tls }: EngineSpec): EngineTls | null | 'written' {
  if (tls === undefined) return null;
  const { ca, certificate, key } = tls;
  const isReference = (one: string | SecretRef): one is SecretRef => typeof one !== 'string';
  return isReference(ca) && isReference(certificate) && isReference(key) ? { ca, certificate, key } : 'written';
}

const writtenSecret = (path: string): Problem => ({
  path,
  expected: 'references to secrets',
  got: 'a text (not shown)',
  fix: 'Apply the configuration again: sluice env apply -f FILE.',
});

const noHost = (path: string, host: string): Problem => ({
  path: `${path}.host`,
  expected: 'unix:///path, tcp://host:port or ssh://user@host',
  got: JSON.stringify(host),
  fix: 'Set it, or DOCKER_HOST, to the address of a Docker Engine.',
});
