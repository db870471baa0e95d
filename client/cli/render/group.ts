import { counted } from '#domain/counted.ts';
import type { GroupView } from '../../engine/groups/show-group.ts';
import { renderDevices } from './device.ts';
import { forPeople } from './printable.ts';
import type { Look } from './run.ts';
import { renderTable } from './table.ts';

type ListedGroup = Pick<GroupView, 'name' | 'filter' | 'count'>;

export const renderGroups = forPeople((groups: readonly ListedGroup[], { listWidth }: Look): string => {
  if (groups.length === 0) return `no group yet   ·   sluice group create NAME --filter 'device.tags.site == "a"'`;
  return renderTable(
    [
      { head: 'NAME', cell: ({ name }) => name },
      { head: 'DEVICES', cell: ({ count }) => String(count) },
      { head: 'FILTER', cell: ({ filter }) => filter, cutTo: 12 },
    ],
    groups,
    listWidth,
  );
});

/** A group with the first of its devices. */
export const renderGroup = forPeople(({ name, filter, count, devices }: GroupView, look: Look): string => {
  const head = `${name} · ${counted(count, 'device')}\n  filter  ${filter}`;
  const table = devices.length === 0 ? '' : `\n${renderDevices(devices, look)}`;
  const more = count > devices.length && devices.length > 0 ? `\n… and ${count - devices.length} more` : '';
  return head + table + more;
});
