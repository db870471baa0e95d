/** Releases of containers against a bare script that makes the same calls: wall time and what clients notice. */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import type { Retries } from './bare/proxy-configuration.ts';
import { STRATEGIES, type Strategy } from './bare/strategies.ts';
import { FULL_LOAD } from './load/load-process.ts';
import { total } from './measure/scene.ts';
import { renderScenes } from './measure/table.ts';
import { playPairs, type Extras, type LoadName, type PairOptions, type PairScene } from './pairs.ts';
import { renderSummary } from './render-summary.ts';
import { openBenchServers } from './servers/bench-servers.ts';
import { summarize, type Summary } from './summary.ts';

const USAGE = `usage: npm run bench -- containers [--strategies ${STRATEGIES.join(',')}] [--retries on|off|both]
  [--load none|full|both] [--requests 100000] [--pairs 3] [--rate ${FULL_LOAD.keepAlivePerSecond}] [--output json]\n`;

interface Options extends Omit<PairOptions, 'retries'> {
  readonly retries: readonly Retries[];
  readonly isJson: boolean;
}

/** Exit code 1 when a request failed or a goal is missed; 2 for options that are none. */
export async function run(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (options === null) {
    process.stderr.write(USAGE);
    return 2;
  }
  const summary = await measure(options);
  for (const goal of summary.missed) process.stderr.write(`missed: ${goal}\n`);
  process.stdout.write(`${options.isJson ? JSON.stringify(summary) : renderSummary(summary)}\n`);
  return summary.missed.length === 0 ? 0 : 1;
}

async function measure({ retries: settings, ...options }: Options): Promise<Summary> {
  const scenes: PairScene[] = [];
  const extras: Partial<Record<Retries, Extras>> = {};
  const averages: number[] = [];
  const servers = await openBenchServers();
  try {
    for (const [at, retries] of settings.entries()) {
      // At rest nobody has to try again: once is enough.
      const loads = options.loads.filter((load) => load === 'full' || at === 0);
      extras[retries] = await playPairs(servers, { ...options, loads, retries }, (scene) => {
        scenes.push(scene);
        averages.push(loadavg()[0] ?? 0);
        show(scene);
      });
    }
  } finally {
    await servers.close();
  }
  const loadAverage = averages.reduce((sum, one) => sum + one, 0) / Math.max(1, averages.length);
  return summarize({ scenes, extras, loadAverage: Number(loadAverage.toFixed(1)) });
}

/** On the error stream: the numbers for programs come last and alone. */
function show({ side, strategy, retries, load, pair, result }: PairScene): void {
  const name = `${side} ${strategy}, load ${load}, retries ${retries}, pair ${pair}`;
  process.stderr.write(`${renderScenes([{ name, result }])}\n`);
  if (total(result.whole).failed === 0) return;
  for (const failure of result.whole.failures) process.stderr.write(`  ${JSON.stringify(failure)}\n`);
}

function readOptions(args: readonly string[]): Options | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      strategies: { type: 'string', default: STRATEGIES.join(',') },
      retries: { type: 'string', default: 'both' },
      load: { type: 'string', default: 'both' },
      requests: { type: 'string', default: '100000' },
      pairs: { type: 'string', default: '3' },
      rate: { type: 'string', default: String(FULL_LOAD.keepAlivePerSecond) },
      output: { type: 'string', default: 'text' },
    },
  });
  // As release files spell them, too.
  const wanted = values.strategies.replaceAll('_', '-').split(',');
  const strategies: Strategy[] = STRATEGIES.filter((strategy) => wanted.includes(strategy));
  const chosen = <Name extends string>(names: readonly Name[], given: string) =>
    names.filter((name) => name === given || given === 'both');
  const retries = chosen<Retries>(['on', 'off'], values.retries);
  const loads = chosen<LoadName>(['none', 'full'], values.load);
  const [pairs, requests, perSecond] = [Number(values.pairs), Number(values.requests), Number(values.rate)];
  const isChosen = strategies.length === wanted.length && retries.length > 0 && loads.length > 0;
  const isCounted = [pairs, requests, perSecond].every(Number.isInteger) && pairs > 0 && requests >= 0 && perSecond > 0;
  if (!isChosen || !isCounted) return null;
  const scenesUnderLoad = strategies.length * retries.length * pairs;
  const minimumRequests = Math.ceil(requests / scenesUnderLoad);
  return { strategies, retries, loads, pairs, perSecond, minimumRequests, isJson: values.output === 'json' };
}
