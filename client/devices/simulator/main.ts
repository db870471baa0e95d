/** The simulator program: a fleet of devices that shares nothing with the engine but the wire. */
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { parseConfig } from './config.schema.ts';
import { EventLog } from './events.ts';
import { Command, Fleet } from './fleet.ts';

const USAGE = `usage: node client/devices/simulator/main.ts --config FILE|- [--quiet]

  --config FILE  JSON configuration; '-' reads it from standard input. With a FILE, standard input takes commands, one
                 JSON object a line: {"command":"disconnect"|"reconnect","things":["d1"]|"all"}
  --quiet        print only the lines "connected", "connect-failed" and "summary"
`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { config: { type: 'string' }, quiet: { type: 'boolean', default: false }, help: { type: 'boolean' } },
  });
  if (values.help === true || values.config === undefined) {
    process.stderr.write(USAGE);
    return values.help === true ? 0 : 2;
  }
  const isInlined = values.config === '-';
  const log = new EventLog((line) => process.stdout.write(line), values.quiet);
  const fleet = await assemble(values.config, log);
  if (fleet === undefined) return 2;
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
async function assemble(source: string, log: EventLog): Promise<Fleet | undefined> {
  try {
    const config = parseConfig(source === '-' ? await text(process.stdin) : await readFile(source, 'utf8'));
    return await Fleet.assemble(config, log);
  } catch (cause) {
    process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`);
    return undefined;
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
