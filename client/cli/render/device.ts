import type { DeviceExecution } from '../../../activities/adapters/postgres/device-executions.ts';
import { counted } from '#domain/counted.ts';
import type { Device } from '#domain/fleet/device.ts';
import { formatTags, placeOfRow } from '#domain/fleet/import-row.ts';
import type { DeviceCredentials } from '../../engine/devices/device-credentials.ts';
import type { ImportReport } from '../../engine/devices/import-devices.ts';
import type { AddedDevice } from '../../engine/devices/add-device.ts';
import type { DeviceView } from '../../engine/devices/show-device.ts';
import { tellRoughly, tellTime, type Clock } from '../../engine/runs/clock.ts';
import { columns } from './columns.ts';
import { forPeople } from './printable.ts';
import type { Look } from './run.ts';
import { renderTable } from './table.ts';

export const renderAdded = forPeople(
  (thing: string, { added, updated, firmwareKept, changes }: AddedDevice): string => {
    const changed = changes.map(({ field, from, to }) => `${field} ${from || 'none'} → ${to || 'none'}`).join(', ');
    const what = added > 0 ? 'added' : updated > 0 ? `changed: ${changed}` : 'was known so already: no change';
    const kept = firmwareKept > 0 ? '; its confirmed firmware was kept' : '';
    return `✓ ${thing} ${what}${kept}   ·   sluice device show ${thing}`;
  },
);

/** Enough to see what is wrong with a file; the JSON has every row. */
const REFUSED_SHOWN = 20;

/** What an import did, and a line for each refused row, as far as people read. */
export const renderImport = forPeople(({ added, updated, unchanged, firmwareKept, refused }: ImportReport): string => {
  const sums = `${added} added, ${updated} changed, ${unchanged} unchanged, ${refused.length} refused`;
  const kept =
    firmwareKept === 0
      ? []
      : [`  ${counted(firmwareKept, 'device')} kept the firmware that they confirmed or reported`];
  const rows = refused.slice(0, REFUSED_SHOWN).map((row) => {
    const { where, expected, got } = row;
    const place = where === '' ? placeOfRow(row) : `${placeOfRow(row)}, ${where}`;
    return `  ${place}: expected ${expected}, got ${got}`;
  });
  const more = refused.length - rows.length;
  const rest = more === 0 ? [] : [`  … and ${more} more: --output json names every one`];
  return [`${refused.length === 0 ? '✓' : '✗'} ${sums}`, ...kept, ...rows, ...rest].join('\n');
});

export const renderDevices = forPeople((devices: readonly Device[], { listWidth, clock }: Look): string => {
  if (devices.length === 0) return 'no device   ·   sluice device import FILE   ·   sluice device simulate --count 10';
  return renderTable(
    [
      { head: 'THING', cell: ({ thing }) => thing },
      { head: 'HARDWARE', cell: ({ hardware }) => hardware, cutTo: 8 },
      { head: 'FIRMWARE', cell: ({ firmware }) => firmware, cutTo: 8 },
      {
        head: 'LAST SEEN',
        cell: ({ lastSeen }) => seen(lastSeen, clock),
        short: ({ lastSeen }) => (lastSeen === null ? 'never' : tellRoughly(lastSeen, clock)),
        cutTo: 9,
      },
      { head: 'TAGS', cell: ({ tags }) => formatTags(tags), cutTo: 8 },
    ],
    devices,
    listWidth,
  );
});

export const renderDevice = forPeople((device: DeviceView, look: Look): string => {
  const { clock } = look;
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
  return [...parts, executionsOf(device, look)].join('\n');
});

/** An install needs no word. */
function doneWith(purpose: DeviceExecution['purpose'], operation: DeviceExecution['operation']): string {
  const words = [...(operation === 'install' ? [] : [operation]), ...(purpose === 'install' ? [] : ['way back'])];
  return words.length === 0 ? '' : ` (${words.join(', ')})`;
}

function executionsOf({ executions }: DeviceView, { listWidth, clock }: Look): string {
  if (executions.length === 0) return 'it was offered nothing yet';
  return renderTable(
    [
      { head: 'RUN', cell: ({ runId }) => runId },
      { head: 'VERSION', cell: ({ version, purpose, operation }) => `${version}${doneWith(purpose, operation)}` },
      {
        head: 'STATUS',
        cell: ({ status, stage }) =>
          status === 'IN_PROGRESS' && stage !== 'unknown' ? `${status} (${stage})` : status,
        short: ({ status }) => status,
      },
      {
        head: 'UPDATED',
        cell: ({ updatedAt }) => tellTime(updatedAt, clock),
        short: ({ updatedAt }) => tellRoughly(updatedAt, clock),
        cutTo: 8,
      },
      { head: 'REASON', cell: ({ details }) => details['reason'] ?? '', cutTo: 8 },
    ],
    executions,
    listWidth,
  );
}

export const renderCredentials = forPeople((credentials: readonly DeviceCredentials[]): string => {
  const rows = credentials.map(({ thing, username, password }) => [thing, username, password]);
  return columns([['THING', 'USERNAME', 'PASSWORD'], ...rows]);
});

const seen = (at: string | null, clock: Clock): string => (at === null ? 'never' : tellTime(at, clock));
