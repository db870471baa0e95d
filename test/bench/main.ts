/** `npm run bench -- NAME [options]`: one measurement, its numbers as the last line with `--output json`. */

/** What every bench exports: runs it with its own arguments; the result is the exit code. */
export interface Bench {
  run(args: readonly string[]): Promise<number>;
}

interface Listed {
  readonly about: string;
  load(): Promise<Bench>;
}

const BENCHES: Readonly<Record<string, Listed>> = {
  fleet: {
    about: 'a durable rollout against the raw broker loop  (--devices N)',
    load: () => import('./fleet/main.ts'),
  },
  containers: {
    about:
      'releases of containers against a bare script, under load  (--strategies, --retries, --load, --requests, --pairs)',
    load: () => import('./containers/main.ts'),
  },
  'open-runs': {
    about:
      'many open runs in one worker: memory, commands, admissions  (--runs N, --commands N, --rate N, --admissions N)',
    load: () => import('./open-runs/main.ts'),
  },
  import: { about: 'a CSV file into the registry  (--devices N)', load: () => import('./import/main.ts') },
  cli: { about: 'the start of the command line, `--help`  (--runs N)', load: () => import('./cli/main.ts') },
};

async function main([name = '', ...args]: readonly string[]): Promise<number> {
  const bench = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
  if (bench !== undefined) return (await bench.load()).run(args);
  const list = Object.entries(BENCHES).map(([known, { about }]) => `  ${known.padEnd(12)}${about}`);
  process.stderr.write(`usage: npm run bench -- NAME [options] [--output json]\n\n${list.join('\n')}\n`);
  return name === '' ? 0 : 2;
}

process.exit(await main(process.argv.slice(2)));
