import type { Device } from '#domain/fleet/device.ts';
import { formatTags } from '#domain/fleet/import-row.ts';
import type { DeviceCredentials } from '../../engine/devices/device-credentials.ts';
import type { ImportReport } from '../../engine/devices/import-devices.ts';
import type { Registered } from '../../engine/devices/register-devices.ts';
import type { DeviceView } from '../../engine/devices/show-device.ts';
import { tellTime, type Clock } from '../../engine/runs/clock.ts';
import { columns, counted } from './columns.ts';

export function renderAdded(thing: string, { added, updated, firmwareKept }: Registered): string {
  const what = added > 0 ? 'added' : updated > 0 ? 'changed' : 'was known so already: no change';
  const kept = firmwareKept > 0 ? '; its confirmed firmware was kept' : '';
  return `✓ ${thing} ${what}${kept}   ·   sluice device show ${thing}`;
}

/** Enough to see what is wrong with a file; the JSON has every row. */
const REFUSED_SHOWN = 20;

/** What an import did, and a line for each refused row, as far as people read. */
export function renderImport({ added, updated, unchanged, firmwareKept, refused }: ImportReport): string {
  const sums = `${added} added, ${updated} changed, ${unchanged} unchanged, ${refused.length} refused`;
  const kept =
    firmwareKept === 0
      ? []
      : [`  ${counted(firmwareKept, 'device')} kept the firmware that they confirmed or reported`];
  const rows = refused.slice(0, REFUSED_SHOWN).map(({ line, where, expected, got }) => {
    const place = where === '' ? `line ${line}` : `line ${line}, ${where}`;
    return `  ${place}: expected ${expected}, got ${got}`;
  });
  const more = refused.length - rows.length;
  const rest = more === 0 ? [] : [`  … and ${more} more: --output json names every one`];
  return [`${refused.length === 0 ? '✓' : '✗'} ${sums}`, ...kept, ...rows, ...rest].join('\n');
}

export function renderDevices(devices: readonly Device[], clock: Clock): string {
  if (devices.length === 0) return 'no device   ·   sluice device import FILE   ·   sluice device simulate --count 10';
  const rows = devices.map((device) => [
    device.thing,
    device.hardware,
    device.firmware,
    seen(device.lastSeen, clock),
    formatTags(device.tags),
  ]);
  return columns([['THING', 'HARDWARE', 'FIRMWARE', 'LAST SEEN', 'TAGS'], ...rows]);
}

export function renderDevice(device: DeviceView, clock: Clock): string {
  const reported = device.reportedFirmware ?? 'nothing yet';
  const facts = [
    ['hardware', device.hardware],
    ['firmware', device.firmware],
    ['reported', device.reportedAt === null ? reported : `${reported}, ${tellTime(device.reportedAt, clock)}`],
    ['last seen', seen(device.lastSeen, clock)],
    ['tags', formatTags(device.tags) || 'none'],
    ['registered', tellTime(device.registeredAt, clock)],
  ];
  const parts = [device.thing, columns(facts.map(([label = '', value = '']) => [`  ${label}`, value]))];
  return [...parts, executionsOf(device, clock)].join('\n');
}

function executionsOf({ executions }: DeviceView, clock: Clock): string {
  if (executions.length === 0) return 'it was offered nothing yet';
  const rows = executions.map(({ runId, version, purpose, status, stage, updatedAt, details }) => [
    runId,
    purpose === 'install' ? version : `${version} (way back)`,
    status === 'IN_PROGRESS' && stage !== 'unknown' ? `${status} (${stage})` : status,
    tellTime(updatedAt, clock),
    details['reason'] ?? '',
  ]);
  return columns([['RUN', 'VERSION', 'STATUS', 'UPDATED', 'REASON'], ...rows]);
}

export function renderCredentials(credentials: readonly DeviceCredentials[]): string {
  const rows = credentials.map(({ thing, username, password }) => [thing, username, password]);
  return columns([['THING', 'USERNAME', 'PASSWORD'], ...rows]);
}

const seen = (at: string | null, clock: Clock): string => (at === null ? 'never' : tellTime(at, clock));
