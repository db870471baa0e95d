/** How long `sluice --help` takes: Node on the CLI's entry file, next to Node on nothing. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const ENTRY = fileURLToPath(new URL('../../../client/cli/sluice.mjs', import.meta.url));
const GOAL_MS = 300;

/** Exit code 1 when the median start is over 0.3 s. */
export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { runs: { type: 'string', default: '15' }, output: { type: 'string', default: 'text' } },
  });
  const help: number[] = [];
  const baseline: number[] = [];
  startMs([ENTRY, '--help']);
  // Alternating, so that other load on the machine meets both alike.
  for (let at = 0; at < Number(values.runs); at++) {
    help.push(startMs([ENTRY, '--help']));
    baseline.push(startMs(['-e', '0']));
  }
  const numbers = { helpMs: median(help), nodeMs: median(baseline), helpWorstMs: Math.max(...help), goalMs: GOAL_MS };
  const text = `sluice --help  ${numbers.helpMs} ms (median; worst ${numbers.helpWorstMs} ms), node alone ${numbers.nodeMs} ms, goal ${GOAL_MS} ms`;
  process.stdout.write(`${values.output === 'json' ? JSON.stringify(numbers) : text}\n`);
  return numbers.helpMs <= GOAL_MS ? 0 : 1;
}

function startMs(args: readonly string[]): number {
  const startedAt = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}: ${stderr}`);
  return Math.round(performance.now() - startedAt);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
