// `npm run crash -- --seeds N [--from S] [--releases]`: any number of seeds of a campaign, on one stack.
import { parseArgs } from 'node:util';
import { ContainerStack } from '../support/containers/container-stack.ts';
import { CrashWorld } from '../support/crash/world.ts';
import { wholeNumber } from '../support/crash/whole-number.ts';
import { runReleaseSeed, SeedPlaces } from './releases/run-seed.ts';
import { runSeed, type SeedReport } from './run-seed.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '5' },
    from: { type: 'string', default: '1' },
    releases: { type: 'boolean', default: false },
  },
});
const [seeds, from] = [asked(values.seeds, '--seeds'), asked(values.from, '--from')];

const startedMs = Date.now();
const { world, run } = values.releases ? await openReleases() : await openFleets();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void world.close().finally(() => process.exit(130)));
}
const failed: number[] = [];
try {
  for (let seed = from; seed < from + seeds; seed += 1) {
    const problems = await play(seed);
    if (problems > 0) failed.push(seed);
  }
} finally {
  await world.close();
}
const minutes = ((Date.now() - startedMs) / 60_000).toFixed(1);
const which =
  failed.length === 0
    ? ''
    : ` (${failed.map((seed) => `--seeds 1 --from ${seed}${values.releases ? ' --releases' : ''}`).join(', ')})`;
process.stdout.write(`\n${seeds - failed.length} seeds passed, ${failed.length} failed${which}, ${minutes} min\n`);
process.exit(failed.length === 0 ? 0 : 1);

interface Campaign {
  readonly world: { close(): Promise<void> };
  readonly run: (seed: number) => Promise<SeedReport>;
}

async function openFleets(): Promise<Campaign> {
  const stack = await CrashWorld.open();
  return { world: stack, run: (seed) => runSeed(stack, seed) };
}

async function openReleases(): Promise<Campaign> {
  const stack = await ContainerStack.open();
  const places = new SeedPlaces(stack);
  return { world: stack, run: (seed) => runReleaseSeed(stack, places, seed) };
}

async function play(seed: number): Promise<number> {
  try {
    const { text, problems } = await run(seed);
    process.stdout.write(`${text}\n`);
    return problems.length;
  } catch (error) {
    process.stdout.write(`✗ seed ${seed}: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

function asked(text: string, flag: string): number {
  try {
    return wholeNumber(text, flag);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(2);
  }
}
