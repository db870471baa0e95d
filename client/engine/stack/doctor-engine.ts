import { existsSync } from 'node:fs';
import { get, type RequestOptions } from 'node:http';
import { text } from 'node:stream/consumers';
import { settleEngines } from '#domain/environments/engines.ts';
import { defaultEngineHost } from '../containers/engines-of.ts';
import type { Settings } from '../settings.ts';
import type { Finding } from './finding.ts';

const TIMEOUT_MS = 3_000;
const KNOWN = { name: 'engine', title: 'Docker Engine, running', version: '' } as const;

/** The engine of environments that name none, asked what it is. Changes nothing; takes at most 3 s. */
export async function checkEngine(settings: Settings): Promise<Finding> {
  const host = defaultEngineHost(settings);
  if (host.startsWith('ssh://')) return { ...KNOWN, name: 'engine-by-ssh', state: 'idle', ...notAsked(host) };
  const wanted = { engines: [{ name: 'default' }], defaultHost: host, path: 'DOCKER_HOST' };
  const { engines, problems } = settleEngines(wanted);
  const way = engines[0]?.way;
  try {
    if (way?.kind === 'socket') return judge(await infoOf({ socketPath: way.path }), host);
    if (way?.kind === 'tcp') return judge(await infoOf({ host: way.host, port: way.port }), host);
  } catch (error) {
    return silent(error, host, settings.dockerHost !== null);
  }
  const detail = `DOCKER_HOST is ${problems[0]?.got}, expected ${problems[0]?.expected}`;
  return { ...KNOWN, state: 'missing', detail, mend: UNSET };
}

const UNSET = 'unset DOCKER_HOST';

const notAsked = (host: string) => ({ detail: `${host} is not asked from here`, mend: 'sluice env observe' });

interface Info {
  readonly ServerVersion: string;
  readonly LiveRestoreEnabled: boolean;
}

function judge({ ServerVersion: version, LiveRestoreEnabled: restores }: Info, host: string): Finding {
  if (restores) return { ...KNOWN, version, state: 'well', detail: host, mend: '' };
  const detail = `${host} · live-restore is off: a restart of the engine stops every container`;
  return { ...KNOWN, version, state: 'warning', detail, mend: SWITCH_ON };
}

const SWITCH_ON =
  'put "live-restore": true into /etc/docker/daemon.json, then: sudo kill -HUP $(pidof dockerd)   (or systemctl reload docker)';

/** Nobody has to run one: an engine is only missed when a variable names it, or when it does not let this user in. */
function silent(error: unknown, host: string, isNamed: boolean): Finding {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EACCES') {
    const mend = 'sudo usermod -aG docker $USER   (then log in again)';
    return { ...KNOWN, state: 'missing', detail: `${host} does not let this user in`, mend };
  }
  if (!isNamed) return { ...KNOWN, state: 'idle', detail: 'not running', mend: startCommand() };
  const why = code === 'ECONNREFUSED' || code === 'ENOENT' ? 'nothing answers there' : message;
  return { ...KNOWN, state: 'missing', detail: `${host}: ${why}`, mend: `start it, or: ${UNSET}` };
}

function startCommand(): string {
  if (process.platform === 'darwin') return 'open -a Docker';
  return existsSync('/run/systemd/system') ? 'sudo systemctl start docker' : 'sudo dockerd';
}

/** Throws when nobody answers in time, or somebody who is no engine. */
function infoOf(place: RequestOptions): Promise<Info> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const fail = (cause: Error) => reject(signal.aborted ? new Error(`no answer in ${TIMEOUT_MS} ms`) : cause);
    const request = get({ ...place, path: '/info', agent: false, signal }, (response) => {
      text(response).then(readInfo).then(resolve, fail);
    });
    request.once('error', fail);
  });
}

function readInfo(body: string): Info {
  const info = parsed(body) as Partial<Info> | null;
  const { ServerVersion: version, LiveRestoreEnabled: restores } = info ?? {};
  if (typeof version === 'string' && typeof restores === 'boolean')
    return { ServerVersion: version, LiveRestoreEnabled: restores };
  throw new Error('it answers, but not as a Docker Engine');
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
