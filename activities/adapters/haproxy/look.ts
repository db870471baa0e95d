import { join } from 'node:path';
import type { RouteMember } from '#domain/containers/route.ts';
import { ROUTER_MAPS, type MapName } from './maps.ts';
import type { RuntimeClient } from './runtime-client.ts';

/** One server as the running HAProxy has it. */
export interface RunningServer {
  readonly backend: string;
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly weight: number;
  readonly state: RouteMember['state'];
  readonly isChecked: boolean;
}

export interface RunningRouter {
  readonly structure: string;
  readonly servers: readonly RunningServer[];
  readonly maps: ReadonlyMap<MapName, ReadonlyMap<string, string>>;
}

export interface ProcessFacts {
  readonly version: string;
  readonly pid: number;
  readonly uptimeSeconds: number;
  /** The structure that it was started with; empty when it is none of ours. */
  readonly structure: string;
}

/** Which process answers. Throws ROUTER_UNREACHABLE. */
export async function lookAtProcess(client: RuntimeClient): Promise<ProcessFacts> {
  return parseInfo(await client.ask('show info'));
}

function parseInfo(answer: string): ProcessFacts {
  const facts = new Map(answer.split('\n').map((line): [string, string] => splitOnce(line, ': ')));
  return {
    version: facts.get('Version') ?? '',
    pid: Number(facts.get('Pid')),
    uptimeSeconds: Number(facts.get('Uptime_sec')),
    structure: facts.get('description') ?? '',
  };
}

/** Servers and maps of the running process, over one connection. Throws ROUTER_UNREACHABLE. */
export async function lookAtRouter(client: RuntimeClient, folder: string): Promise<RunningRouter> {
  const shows = ROUTER_MAPS.map((name) => `show map ${join(folder, `${name}.map`)}`);
  const [info = '', servers = '', ...maps] = await client.askEach(['show info', 'show servers state', ...shows]);
  return {
    structure: parseInfo(info).structure,
    servers: parseServers(servers),
    maps: new Map(ROUTER_MAPS.map((name, index) => [name, parseMap(maps[index] ?? '')])),
  };
}

const MAINT_BITS = 0x63;
const DRAIN_BITS = 0x18;
const CHECK_ENABLED = 0x4;

/** Answer of `show servers state`. */
export function parseServers(answer: string): RunningServer[] {
  return table(answer, '# ').flatMap((row) => {
    const backend = row('be_name');
    if (!backend.startsWith('be_')) return [];
    const admin = Number(row('srv_admin_state'));
    const drains = admin & DRAIN_BITS ? 'drain' : 'ready';
    return {
      backend,
      name: row('srv_name'),
      host: row('srv_addr'),
      port: Number(row('srv_port')),
      weight: Number(row('srv_uweight')),
      state: admin & MAINT_BITS ? 'maint' : drains,
      isChecked: (Number(row('srv_check_state')) & CHECK_ENABLED) !== 0,
    };
  });
}

/** Answer of `show map`: `0x… key value` lines. */
export function parseMap(answer: string): ReadonlyMap<string, string> {
  const lines = answer.split('\n').filter((line) => line.startsWith('0x'));
  return new Map(lines.map((line) => splitOnce(splitOnce(line, ' ')[1], ' ')));
}

/** Rows of `show stat`, each a function from a column's name to its text. */
export const parseStat = (answer: string): ((column: string) => string)[] => table(answer, '# ', ',');

/** Rows below a header line that starts with `mark`; a header may come again. */
function table(answer: string, mark: string, separator = ' '): ((column: string) => string)[] {
  let columns = new Map<string, number>();
  return answer.split('\n').flatMap((line) => {
    if (line.startsWith(mark)) {
      const names = line.slice(mark.length).split(separator);
      columns = new Map(names.map((name, index) => [name, index]));
      return [];
    }
    const values = line.split(separator);
    if (values.length < 2) return [];
    return (column: string) => values[columns.get(column) ?? -1] ?? '';
  });
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}
