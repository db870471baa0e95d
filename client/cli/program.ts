import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option, type OptionValues } from 'commander';
import { LISTEN_HOST_OPTION, PORT_OPTIONS, type PortName } from '../engine/settings.ts';
import type { CliContext, RegisterCommands } from './context.ts';
import type { Terminal } from './terminal.ts';

/** What every command accepts, as commander reads it. */
export interface GlobalOptions extends OptionValues {
  readonly output: 'text' | 'json';
  readonly as?: string;
  readonly dataDir?: string;
  readonly listenHost?: string;
  readonly debug?: boolean;
  readonly logLevel?: string;
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;

/** How a command line is called, and what its help says first. */
export interface ProgramName {
  readonly name: string;
  readonly about: string;
}

/** The command line of the engine itself. */
const SLUICE: ProgramName = {
  name: 'sluice',
  about: `Delivers firmware to fleets and releases to environments; every run survives the death of any process.

Start here:  sluice up   ·   sluice doctor   ·   sluice COMMAND --help`,
};

type Contexts = (command: Command) => CliContext;

/** The whole command line: global options and every feature's commands. Throws CommanderError instead of exiting. */
export function buildProgram(
  features: readonly RegisterCommands[],
  context: Contexts,
  terminal: Terminal,
  { name, about }: ProgramName = SLUICE,
): Command {
  const program = new Command(name)
    .description(about)
    // Not --version: `artifact add --version 1.2.0` would print ours. In front of all commands main.ts reads it as -V.
    .version(ownVersion(), '-V', 'print the version (or --version)')
    .exitOverride()
    // Errors are printed by the CLI in its own form; commander only throws them.
    .configureOutput({ writeOut: (text) => void terminal.stdout.write(text), writeErr: () => undefined })
    .configureHelp({
      sortSubcommands: false,
      subcommandTerm: (command) => command.name(),
      subcommandDescription: describeCommand,
    })
    .helpCommand('help [command]', 'print the help page of a command');
  addGlobalOptions(program);
  for (const register of features) register(program, context);
  return program;
}

function addGlobalOptions(program: Command): void {
  program
    .addOption(
      new Option('--output <form>', 'text for people, json for programs').choices(['text', 'json']).default('text'),
    )
    .option('--as <name>', 'act as this person (or SLUICE_USER; else the OS user)')
    .option(
      '--data-dir <directory>',
      'where this installation keeps its data (or SLUICE_DATA_DIR; default: .sluice of the project, looked for upwards)',
    )
    .option('--debug', 'show stack traces of errors')
    .addOption(
      new Option('--log-level <level>', 'log level of started parts (or SLUICE_LOG_LEVEL)').choices(LOG_LEVELS),
    );
  for (const name of Object.keys(PORT_OPTIONS) as PortName[]) {
    const { flag, variable } = PORT_OPTIONS[name];
    program.option(`${flag} <port>`, `port of ${PART_NAMES[name]} (or ${variable})`, portNumber);
  }
  const { flag, variable } = LISTEN_HOST_OPTION;
  program.option(
    `${flag} <address>`,
    `address of this machine on which broker and HTTP server listen for devices (or ${variable}; default 127.0.0.1)`,
  );
}

function portNumber(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new InvalidArgumentError('Expected a port from 1 to 65535.');
}

const PART_NAMES: Readonly<Record<PortName, string>> = {
  http: 'the HTTP server',
  temporal: 'Temporal',
  temporalUi: "Temporal's UI",
  mqtt: 'the MQTT broker',
  postgres: 'PostgreSQL',
  registry: 'the image registry (up --with-docker)',
};

function describeCommand(command: Command): string {
  const verbs = command.commands.map((one) => one.name());
  const about = command.summary() || command.description();
  return verbs.length === 0 ? about : `${about}: ${verbs.join(', ')}`;
}

function ownVersion(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
