import type { Command } from 'commander';
import type { CliContext, RegisterCommands } from '../context.ts';
import { wholeNumber } from './option-values.ts';

const MOST_SHOWN = 10_000;

/** `group create|list|show`: saved filters over devices. */
export const registerGroupCommands: RegisterCommands = (program, context) => {
  const group = program
    .command('group')
    .description('groups of devices: filters that are evaluated when they are used');
  group
    .command('create')
    .description('save a filter under a name')
    .argument('<name>', 'name of the group')
    .requiredOption('--filter <cel>', `which devices, like 'device.hardware == "edge-a" && device.tags.site == "a"'`)
    .action((name: string, { filter }: { filter: string }, command: Command) => create(context(command), name, filter));
  group
    .command('list')
    .description('list the groups and how many devices each has now')
    .action((_options: object, command: Command) => list(context(command)));
  group
    .command('show')
    .description('show a group: its filter, how many devices it has now, and the first of them')
    .argument('<name>', 'name of the group')
    .option('--limit <count>', 'devices to show', wholeNumber(0, MOST_SHOWN), 10)
    .action((name: string, { limit }: { limit: number }, command: Command) => show(context(command), name, limit));
};

async function create(cli: CliContext, name: string, filter: string): Promise<void> {
  const { createGroup } = await import('../../engine/groups/create-group.ts');
  const { isNew } = await createGroup(cli.deps(), { name, filter });
  const what = isNew ? `✓ group ${name} created` : `✓ group ${name} has this filter already: no change`;
  cli.print({ name, filter, created: isNew }, `${what}   ·   sluice group show ${name}`);
}

async function list(cli: CliContext): Promise<void> {
  const { listGroups } = await import('../../engine/groups/show-group.ts');
  const { renderGroups } = await import('../render/group.ts');
  const { lookOf } = await import('../look.ts');
  const groups = await listGroups(cli.deps());
  cli.print({ groups }, renderGroups(groups, lookOf(cli)));
}

async function show(cli: CliContext, name: string, firstDevices: number): Promise<void> {
  const { showGroup } = await import('../../engine/groups/show-group.ts');
  const { deviceDocument } = await import('../../engine/devices/device-document.ts');
  const { renderGroup } = await import('../render/group.ts');
  const { lookOf } = await import('../look.ts');
  const group = await showGroup(cli.deps(), { name, firstDevices });
  const { filter, count, devices } = group;
  cli.print({ name, filter, count, devices: devices.map(deviceDocument) }, renderGroup(group, lookOf(cli)));
}
