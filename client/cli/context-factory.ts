import type { Command } from 'commander';
import { createEngineDeps } from '../engine/deps.ts';
import type { EngineDeps } from '../engine/engine.ts';
import { whoActs } from '../engine/person.ts';
import {
  PORT_OPTIONS,
  readSettings,
  readUpSettings,
  type PortFlags,
  type PortName,
  type Settings,
} from '../engine/settings.ts';
import type { CliContext } from './context.ts';
import type { GlobalOptions } from './program.ts';
import { safeJson, safeText } from './render/printable.ts';
import { allowsColour, type Terminal } from './terminal.ts';

/** Every other command looks for the stack that this one started. */
const STARTS_THE_STACK = 'up';

/** The context of the one command that this process runs, and what it left behind. */
export interface OpenContext {
  readonly context: CliContext;
  exitCode(): number;
  close(): Promise<void>;
}

/** Reads the global options given to `command`. Throws USAGE when one makes no sense. */
export function openContext(command: Command, terminal: Terminal): OpenContext {
  const options = command.optsWithGlobals<GlobalOptions>();
  const read = command.name() === STARTS_THE_STACK ? readUpSettings : readSettings;
  const settings = read(terminal.env, {
    ...portFlags(options),
    ...(options.dataDir !== undefined && { dataDirectory: options.dataDir }),
    ...(options.listenHost !== undefined && { listenHost: options.listenHost }),
  });
  const json = options.output === 'json';
  const note = (line: string): void => void (json || terminal.stderr.write(`${safeText(line, false)}\n`));
  const engine = new LazyEngine(settings, note);
  const colour = allowsColour(terminal.stdout, terminal.env);
  const forTerminal = (text: string): string => ensureNewline(safeText(text, colour));
  let exitCode = 0;
  const context: CliContext = {
    settings,
    output: options.output,
    colour,
    interactive: terminal.stdout.isTTY === true,
    dialogue: () => terminal.dialogue?.() ?? null,
    deps: () => engine.open(),
    person: () => whoActs(engine.open(), options.as, terminal.env),
    print: (data, text) => void terminal.stdout.write(json ? `${safeJson(data, 2)}\n` : forTerminal(text)),
    stream: (data, text) => void terminal.stdout.write(json ? `${safeJson(data)}\n` : forTerminal(text)),
    note,
    exitWith: (code) => void (exitCode = code),
  };
  return { context, exitCode: () => exitCode, close: () => engine.close() };
}

class LazyEngine {
  readonly #settings: Settings;
  readonly #note: (line: string) => void;
  #deps: EngineDeps | undefined;

  constructor(settings: Settings, note: (line: string) => void) {
    this.#settings = settings;
    this.#note = note;
  }

  open(): EngineDeps {
    this.#deps ??= createEngineDeps(this.#settings, this.#note);
    return this.#deps;
  }

  async close(): Promise<void> {
    await this.#deps?.close();
  }
}

function portFlags(options: GlobalOptions): PortFlags {
  const given: Partial<Record<PortName, number>> = {};
  for (const name of Object.keys(PORT_OPTIONS) as PortName[]) {
    const port: unknown = options[`${name}Port`];
    if (typeof port === 'number') given[name] = port;
  }
  return given;
}

const ensureNewline = (text: string): string => (text.endsWith('\n') ? text : `${text}\n`);
