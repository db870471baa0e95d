import { afterEach } from 'vitest';
import type { RunResult } from '#domain/run/run-input.ts';
import { startRun, type RunWorld } from './run-world.ts';

/** `startRun` whose worlds end with the test, passed or failed. */
export function runsOfThisFile(): typeof startRun {
  const open: RunWorld[] = [];
  afterEach(async () => {
    for (const run of open.splice(0)) await run.close();
  });
  return async (options) => {
    const run = await startRun(options);
    open.push(run);
    return run;
  };
}

/** The waves that were offered, in order of the calls. */
export const offeredWaves = (run: RunWorld): number[] =>
  run.fleet.calls.filter(({ name }) => name === 'offerWave').map(({ input }) => (input as { wave: number }).wave);

/** The summaries of the journal, in order. */
export const story = (run: RunWorld): string[] => run.fleet.journal(run.runId).map(({ summary }) => summary);

/** What a refused update throws, with the catalogue's code. */
export const refused = (code: string): object => ({ cause: { type: code } });

/** The end of a run whose steps take no time: the clock stands, else it would run away meanwhile. */
export async function ended(run: RunWorld): Promise<RunResult> {
  await run.journaled('run-ended');
  return (await run.handle.result()) as RunResult;
}
