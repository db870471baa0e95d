// `npm run crash -- --seeds N [--from S]`: any number of seeds of the campaign, on one stack.
import { parseArgs } from 'node:util';
import { CrashWorld } from '../support/crash/world.ts';
import { wholeNumber } from '../support/crash/whole-number.ts';
import { runSeed } from './run-seed.ts';

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '5' }, from: { type: 'string', default: '1' } },
});
const [seeds, from] = [asked(values.seeds, '--seeds'), asked(values.from, '--from')];

const startedMs = Date.now();
const world = await CrashWorld.open();
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
const which = failed.length === 0 ? '' : ` (${failed.map((seed) => `--seeds 1 --from ${seed}`).join(', ')})`;
process.stdout.write(`\n${seeds - failed.length} seeds passed, ${failed.length} failed${which}, ${minutes} min\n`);
process.exit(failed.length === 0 ? 0 : 1);

async function play(seed: number): Promise<number> {
  try {
    const { text, problems } = await runSeed(world, seed);
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
