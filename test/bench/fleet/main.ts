/** A durable rollout against the raw loop: the same gateway, devices and broker, once with its state in memory. */
import { parseArgs } from 'node:util';
import { openBenchWorld, type BenchWorld } from './bench-world.ts';
import { Child } from './child.ts';
import type { CrowdOrder } from './crowd-messages.ts';
import { prepareRollouts } from './durable-rollout.ts';
import { printRound, printSummary, summarize } from './report.ts';
import { durableRound, rawRound, type Crowd, type Round } from './rounds.ts';

const BEFORE = '1.0.0';

interface Options {
  readonly devices: number;
  readonly pairs: number;
  readonly isJson: boolean;
}

/** Exit code 1 when a goal is missed; 2 for options that are none. */
export async function run(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (options === null) return 2;
  const versions = Array.from({ length: options.pairs + 1 }, (_, pair) => `1.${pair + 1}.0`);
  const world = await openBenchWorld(options.devices, BEFORE);
  const crowd = Child.start<CrowdOrder>('./crowd.main.ts');
  try {
    await prepareRollouts(world, [BEFORE, ...versions]);
    await connect(world, crowd);
    const rounds = await playPairs(world, crowd, versions);
    const summary = summarize(rounds, options.devices);
    printSummary(summary, options.isJson);
    return summary.missed.length === 0 ? 0 : 1;
  } finally {
    await crowd.end();
    await world.close();
  }
}

function readOptions(args: readonly string[]): Options | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      devices: { type: 'string', default: '10000' },
      pairs: { type: 'string', default: '9' },
      output: { type: 'string', default: 'text' },
    },
  });
  const [devices, pairs] = [Number(values.devices), Number(values.pairs)];
  const isValid = Number.isInteger(devices) && devices > 0 && Number.isInteger(pairs) && pairs > 0;
  if (!isValid) process.stderr.write('usage: npm run bench -- fleet [--devices 10000] [--pairs 9] [--output json]\n');
  return isValid ? { devices, pairs, isJson: values.output === 'json' } : null;
}

async function connect(world: BenchWorld, crowd: Crowd): Promise<void> {
  const connected = crowd.next((message) => (message as { kind?: string }).kind === 'connected');
  crowd.send({ kind: 'connect', url: world.settings.mqttUrl, key: world.key.toString('base64'), things: world.things });
  await connected;
}

/** Pairs in turn, each in the other order; the first pair only warms up what runs on. */
async function playPairs(world: BenchWorld, crowd: Crowd, versions: readonly string[]): Promise<Round[]> {
  const rounds: Round[] = [];
  for (const [pair, version] of versions.entries()) {
    const order = pair % 2 === 0 ? [rawRound, durableRound] : [durableRound, rawRound];
    for (const play of order) {
      const round = await play(world, crowd, version);
      printRound(pair, round);
      if (pair > 0) rounds.push(round);
    }
  }
  return rounds;
}
