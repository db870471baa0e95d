import { join } from 'node:path';
import type { Route, RouteRules } from '#domain/containers/route.ts';
import type { MapName } from './maps.ts';
import { backendName, frontendName, previewName, routeName } from './names.ts';

/** Name of the cookie that makes cohorts where no header does. */
const COHORT_COOKIE = 'sluice_b';

// As long as the longest rollout: a client must not change its version within one.
const COOKIE_SECONDS = 14 * 24 * 3600;
/** Neither nothing nor everything goes to the coming version: only then are cohorts made. */
const IS_SPLIT = '{ var(txn.sluice_bp) -m int 1:9999 }';

export interface ListFiles {
  readonly clients: string | null;
  readonly networks: string | null;
}

/** The frontends of one route, as lines. `lists` are the files with its allowed clients and networks. */
export function frontendLines(route: Route, folder: string, lists: ListFiles): string[] {
  const name = routeName(route.key);
  const look = (map: MapName, converter: string, fallback?: string) =>
    `str(${name}),${converter}(${join(folder, `${map}.map`)}${fallback === undefined ? '' : `,${fallback}`})`;
  return [
    `frontend ${frontendName(route.key)}`,
    `  bind ${bindAddress(route.listen.host, route.listen.port)}`,
    `  http-request lua.sluice_hold ${name} if { ${look('hold', 'map_str')} -m found }`,
    `  http-request return status 503 content-type text/plain hdr Retry-After 1 string "too many requests wait for the switch\\n" if { var(txn.sluice_over) -m found }`,
    `  http-request set-var(txn.sluice_bp) ${look('canary', 'map_str_int', '0')}`,
    ...clientLines(route.rules, look('seed', 'map_str', '0')),
    ...armLines(route.rules, lists),
    `  http-request set-var(txn.sluice_be) ${look('stable_be', 'map_str', backendName(route.key, 'a'))}`,
    `  http-request set-var(txn.sluice_next) ${look('canary_be', 'map_str', backendName(route.key, 'b'))} if { var(txn.sluice_arm) -m str next }`,
    // An arm where nobody can answer gets nobody: the member is seen not to be up, and no client pays for it.
    '  http-request set-var(txn.sluice_be) var(txn.sluice_next) if { var(txn.sluice_next),nbsrv gt 0 }',
    // Only reads without a body are copied: a body would have to be kept whole first, and a write would be done twice.
    `  http-request lua.sluice_mirror ${name} if { method GET } { ${look('mirror', 'map_str')} -m found } !{ var(txn.sluice_arm) -m str next } !{ req.hdr_cnt(content-length) gt 0 } !{ req.hdr_cnt(transfer-encoding) gt 0 }`,
    // Beside the application's own cookies: set-header would replace them.
    `  http-response add-header Set-Cookie "${COHORT_COOKIE}=%[var(txn.sluice_id)]; Path=/; Max-Age=${COOKIE_SECONDS}; HttpOnly; SameSite=Lax" if { var(txn.sluice_new) -m found }`,
    '  use_backend %[var(txn.sluice_be)]',
    ...previewLines(route, look('canary_be', 'map_str', backendName(route.key, 'b'))),
  ];
}

/** Who the client is, and its place among 10,000. */
function clientLines({ clientIdHeader }: RouteRules, seed: string): string[] {
  const header = `'req.fhdr(${clientIdHeader})'`;
  return [
    `  http-request set-var(txn.sluice_id) ${header} if { ${header} -m len 1:256 }`,
    `  http-request set-var(txn.sluice_id) req.cook(${COHORT_COOKIE}) if !{ var(txn.sluice_id) -m found }`,
    `  http-request set-var(txn.sluice_new) int(1) if !{ var(txn.sluice_id) -m found } ${IS_SPLIT}`,
    // By format and not by value: a number is hashed otherwise than the same digits out of the cookie.
    '  http-request set-var-fmt(txn.sluice_id) %[rand(2147483647)] if { var(txn.sluice_new) -m found }',
    `  http-request set-var-fmt(txn.sluice_key) %[${seed}]:%[var(txn.sluice_id)] if ${IS_SPLIT}`,
    `  http-request set-var(txn.sluice_bucket) var(txn.sluice_key),xxh32(0),mod(10000) if ${IS_SPLIT}`,
  ];
}

/** Which version it gets; the last word is the header's. A bucket below the share stays below it while the share grows. */
function armLines({ header }: RouteRules, lists: ListFiles): string[] {
  const next = '  http-request set-var(txn.sluice_arm) str(next) if';
  const lines = [
    `${next} { var(txn.sluice_bp) -m int 10000 }`,
    `${next} { var(txn.sluice_bucket),sub(txn.sluice_bp) lt 0 }`,
  ];
  if (lists.clients) lines.push(`${next} { var(txn.sluice_id) -m str -f ${lists.clients} }`);
  if (lists.networks) lines.push(`${next} { src -f ${lists.networks} }`);
  if (!header) return lines;
  const says = (word: string) =>
    `{ 'req.fhdr(${header.name})' -m str '${header.secret === null ? word : `${word}:${header.secret}`}' }`;
  lines.push(`${next} ${says('always')}`, `  http-request set-var(txn.sluice_arm) str(stable) if ${says('never')}`);
  if (header.secret !== null) lines.push(`  http-request del-header '${header.name}'`);
  return lines;
}

function previewLines(route: Route, next: string): string[] {
  if (route.previewPort === null) return [];
  return [
    `frontend ${previewName(route.key)}`,
    `  bind ${bindAddress(route.listen.host, route.previewPort)}`,
    `  http-request set-var(txn.sluice_be) ${next}`,
    `  http-request return status 503 content-type text/plain string "nothing to preview: no member of the version that is not in use can answer\\n" unless { var(txn.sluice_be),nbsrv gt 0 }`,
    '  use_backend %[var(txn.sluice_be)]',
  ];
}

const bindAddress = (host: string, port: number): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
