import { Option, type Command } from 'commander';
import type { RegisterCommands } from '../context.ts';
import { nameAndValue, wholeNumber } from './option-values.ts';
import type { AddOptions, CredentialsOptions, ListOptions } from './device-actions.ts';
import type { SimulateOptions } from './simulate-action.ts';

const MOST_LISTED = 100_000;
const MOST_SIMULATED = 20_000;

/** `device add|import|list|show|credentials|simulate`. */
export const registerDeviceCommands: RegisterCommands = (program, context) => {
  const device = program.command('device').description('devices of the fleet: what they are and what they run');
  device
    .command('add')
    .description('register a device, or change its hardware and tags')
    .argument('<thing>', 'its name: MQTT client id and user name')
    .requiredOption('--hardware <model>', 'hardware model')
    .requiredOption('--firmware <version>', 'firmware that it runs; a device that confirmed one keeps that')
    .option('--tag <name=value>', 'a tag, in the place of those that it has; may be repeated', nameAndValue)
    .option('--no-tags', 'take its tags away')
    .action(async (thing: string, options: AddOptions, command: Command) =>
      (await actions()).addDevice(context(command), thing, options),
    );
  device
    .command('import')
    .description('register devices from a file; good rows are kept, each bad one is named')
    .argument('<file>', 'CSV with the header thing,hardware,firmware,tags (tags: k=v;k=v), or a JSON array of objects')
    .action(async (file: string, _options: object, command: Command) =>
      (await actions()).importDevices(context(command), file),
    );
  addReading(device, context);
  addSimulate(device, context);
};

type Contexts = Parameters<RegisterCommands>[1];

function addReading(device: Command, context: Contexts): void {
  device
    .command('list')
    .description('list devices by name')
    .option('--group <name>', 'only devices of this group')
    .option('--hardware <model>', 'only this hardware')
    .option('--filter <cel>', `only devices for which this holds, like 'device.tags.site == "a"'`)
    .option('--limit <count>', 'at most so many', wholeNumber(1, MOST_LISTED), 100)
    .action(async (options: ListOptions, command: Command) => (await actions()).listDevices(context(command), options));
  device
    .command('show')
    .description('show one device and what it was offered last')
    .argument('<thing>', 'its name')
    .action(async (thing: string, _options: object, command: Command) =>
      (await actions()).showDevice(context(command), thing),
    );
  device
    .command('credentials')
    .description('print what a device signs in with: user name and password for MQTT and downloads')
    .argument('[thing]', 'one device')
    .option('--group <name>', 'every device of this group')
    .action(async (thing: string | undefined, options: CredentialsOptions, command: Command) =>
      (await actions()).printCredentials(context(command), thing, options),
    );
}

function addSimulate(device: Command, context: Contexts): void {
  device
    .command('simulate')
    .description('run simulated devices until Ctrl-C: real MQTT clients that install, reboot and confirm')
    .option('--count <devices>', 'how many', wholeNumber(1, MOST_SIMULATED), 10)
    .option('--hardware <model>', 'hardware of newly registered ones', 'edge-a')
    .option('--firmware <version>', 'firmware that newly registered ones left the factory with', '1.0.0')
    .option('--prefix <name>', 'their names are PREFIX-0001, PREFIX-0002 …', 'sim')
    .option('--tag <name=value>', 'tag of newly registered ones; may be repeated', nameAndValue)
    .option('--group <name>', 'simulate the registered devices of this group instead')
    .option(
      '--ledger <file>',
      'where they keep what they installed (default: simulator/ledger.jsonl in the data directory)',
    )
    .addOption(new Option('--fail-mode <mode>', 'let some fail').choices(FAIL_MODES))
    .option('--fail-version <version>', 'only when they get this version (default: any)')
    .option('--fail-percent <percent>', 'share of them that fails', wholeNumber(0, 100), 100)
    .option('--install-ms <ms>', 'time that an install takes', wholeNumber(0, 3_600_000))
    .option('--reboot-ms <ms>', 'time that a reboot takes', wholeNumber(0, 3_600_000))
    .action(async (options: SimulateOptions, command: Command) =>
      (await import('./simulate-action.ts')).simulate(context(command), options),
    );
}

const FAIL_MODES = ['refuse', 'crash-in-install', 'boot-loop', 'slow', 'offline', 'never-confirm', 'report-old'];

const actions = () => import('./device-actions.ts');
