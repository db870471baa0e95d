/** The simulator program: a fleet of devices that shares nothing with the engine but the wire. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { parseConfig } from './config.schema.ts';
import { EventLog } from './events.ts';
import { Command, Fleet } from './fleet.ts';

const USAGE = `usage: node client/devices/simulator/main.ts --config FILE|- [--attached] [--quiet]

  --config FILE  JSON configuration; '-' reads it from standard input. With a FILE, standard input takes commands, one
                 JSON object a line: {"command":"disconnect"|"reconnect","things":["d1"]|"all"}
  --attached     with '-': the configuration is the first line of standard input, and the fleet ends when that ends
  --quiet        print only the lines "connected", "connect-failed" and "summary"
`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      config: { type: 'string' },
      attached: { type: 'boolean', default: false },
      quiet: { type: 'boolean', default: false },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true || values.config === undefined) {
    process.stderr.write(USAGE);
    return values.help === true ? 0 : 2;
  }
  const isInlined = values.config === '-';
  const log = new EventLog((line) => process.stdout.write(line), values.quiet);
  const starter = isInlined && values.attached ? new Starter() : undefined;
  const fleet = await assemble(() => starter?.firstLine() ?? readConfig(values.config ?? ''), log);
  if (fleet === undefined) return 2;
  starter?.onLeft(() => fleet.stop());
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => fleet.stop());
  // Who reads our output may die first; the fleet lives on, as devices do.
  process.stdout.on('error', () => undefined);
  if (!isInlined) takeCommands(fleet);
  await fleet.run();
  const summary = log.summary(await fleet.close());
  await new Promise((written) => process.stdout.write(summary, written));
  return 0;
}

/** `undefined`, after saying why, when the configuration, the key or the ledger cannot be used. */
async function assemble(read: () => Promise<string>, log: EventLog): Promise<Fleet | undefined> {
  try {
    return await Fleet.assemble(parseConfig(await read()), log);
  } catch (cause) {
    process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`);
    return undefined;
  }
}

const readConfig = (source: string): Promise<string> =>
  source === '-' ? text(process.stdin) : readFile(source, 'utf8');

/** Who started the program and holds its standard input: however they end, killed or not, the fleet ends with them. */
class Starter {
  readonly #lines = createInterface({ input: process.stdin });
  readonly #left = once(this.#lines, 'close');
  readonly #first = once(this.#lines, 'line') as Promise<[string]>;

  async firstLine(): Promise<string> {
    const left = this.#left.then(() => Promise.reject(new Error('standard input ended without a configuration')));
    const [line] = await Promise.race([this.#first, left]);
    return line;
  }

  onLeft(end: () => void): void {
    void this.#left.then(end);
  }
}

function takeCommands(fleet: Fleet): void {
  createInterface({ input: process.stdin }).on('line', (line) => {
    try {
      fleet.command(Command.parse(JSON.parse(line)));
    } catch (cause) {
      process.stderr.write(`Not a command: ${line}\n${String(cause)}\n`);
    }
  });
}

process.exit(await main());
