// HAProxy for the bare script: two backends, members at run time, weights and the choice of backend by maps.
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const SERVICE = 'svc';
export const ARMS = ['be_a', 'be_b'] as const;
export type Arm = (typeof ARMS)[number];

/** `on` hides a member's death from clients; `off` shows every mistake of the one who deploys. */
export type Retries = 'on' | 'off';

const MOST_HELD = 2_000;
const LONGEST_HELD_MS = 25_000;
const RETRIES_ON = ['  retries 3', '  option redispatch 1', '  retry-on conn-failure empty-response'];
const RETRIES_OFF = ['  retries 0'];
// An answer that never came is no reason to say a POST twice.
const NO_REPLAY = '  http-request disable-l7-retry unless { method GET HEAD OPTIONS PUT DELETE }';

/** Writes the maps and the hold's code into `folder`; the result is haproxy.cfg for `port` of 127.0.0.1. */
export function proxyConfiguration(folder: string, port: number, retries: Retries): string {
  const maps = { stable_be: 'be_a', canary_be: 'be_b', canary: '0', hold: '0' };
  for (const [name, value] of Object.entries(maps)) writeFileSync(mapFile(folder, name), `${SERVICE} ${value}\n`);
  copyFileSync(join(import.meta.dirname, 'hold.lua'), join(folder, 'hold.lua'));
  const lines = [...globalLines(folder), ...defaultLines(retries), ...frontendLines(folder, port, retries)];
  return [...lines, ...ARMS.flatMap(backendLines), ''].join('\n');
}

export const mapFile = (folder: string, name: string): string => join(folder, `${name}.map`);
export const adminSocket = (folder: string): string => join(folder, 'admin.sock');

const globalLines = (folder: string): string[] => [
  'global',
  `  stats socket ${adminSocket(folder)} mode 600 level admin expose-fd listeners`,
  '  stats timeout 60s',
  '  nbthread 2',
  '  maxconn 8000',
  '  hard-stop-after 60s',
  `  setenv HOLD_MAP ${mapFile(folder, 'hold')}`,
  `  setenv HOLD_MOST ${MOST_HELD}`,
  `  setenv HOLD_LONGEST_MS ${LONGEST_HELD_MS}`,
  `  lua-load ${folder}/hold.lua`,
];

const defaultLines = (retries: Retries): string[] => [
  'defaults',
  '  mode http',
  '  timeout connect 1s',
  '  timeout client 60s',
  '  timeout server 60s',
  '  timeout http-keep-alive 60s',
  '  timeout http-request 30s',
  '  timeout tunnel 10m',
  '  timeout queue 15s',
  ...(retries === 'on' ? RETRIES_ON : RETRIES_OFF),
];

function frontendLines(folder: string, port: number, retries: Retries): string[] {
  const map = (name: string) => mapFile(folder, name);
  return [
    'frontend fe',
    `  bind 127.0.0.1:${port}`,
    ...(retries === 'on' ? [NO_REPLAY] : []),
    `  http-request lua.hold ${SERVICE}`,
    '  http-request return status 503 hdr Retry-After 2 if { var(txn.hold_over) -m found }',
    '  http-request set-var(txn.key) req.hdr(x-client-id)',
    '  http-request set-var(txn.key) req.cook(hd_b) if !{ var(txn.key) -m found }',
    '  http-request set-var(txn.nokey) int(1) if !{ var(txn.key) -m found }',
    // A text, as it will be when it comes back in the cookie: a number has another hash.
    '  http-request set-var-fmt(txn.key) %[rand(100000000)] if { var(txn.nokey) -m found }',
    '  http-request set-var(txn.bkt) var(txn.key),xxh32(1),mod(10000)',
    `  http-request set-var(txn.bp) str(${SERVICE}),map_str_int(${map('canary')},0)`,
    '  acl in_canary var(txn.bkt),sub(txn.bp) lt 0',
    '  http-request set-var(txn.arm) str(stable)',
    '  http-request set-var(txn.arm) str(canary) if in_canary',
    '  http-response add-header Set-Cookie "hd_b=%[var(txn.key)]; Path=/; Max-Age=86400; HttpOnly; SameSite=Lax" if { var(txn.nokey) -m found }',
    '  http-response set-header X-Arm %[var(txn.arm)]',
    `  use_backend %[str(${SERVICE}),map(${map('canary_be')},be_a)] if { var(txn.arm) -m str canary }`,
    `  use_backend %[str(${SERVICE}),map(${map('stable_be')},be_a)]`,
  ];
}

const backendLines = (arm: Arm): string[] => [
  `backend ${arm}`,
  '  balance roundrobin',
  '  option httpchk GET /health',
  '  http-check expect status 200',
];
