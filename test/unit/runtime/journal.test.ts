import { describe, expect, it, vi } from 'vitest';
import { Journal } from '../../../workflows/runtime/journal.ts';

vi.mock('@temporalio/workflow', () => ({
  CancellationScope: { nonCancellable: <T>(work: () => Promise<T>) => work() },
  patched: () => true,
  sleep: () => Promise.resolve(),
}));

/** More turns of the promises of a task than lie between the end of an append and the pump's rest. */
const TURNS = Array.from({ length: 12 }, (_, turns) => turns);

async function turnsPass(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
}

/** A journal whose first batch is stored, or refused, when the test says so; of each batch what it says. */
function journalOf(): {
  readonly journal: Journal<null>;
  readonly batches: string[];
  readonly end: PromiseWithResolvers<undefined>;
} {
  const batches: string[] = [];
  const end = Promise.withResolvers<undefined>();
  const journal = new Journal<null>(
    'exe_1',
    async ({ entries }) => {
      batches.push(entries.map(({ summary }) => summary).join(' '));
      if (batches.length === 1) await end.promise;
    },
    () => null,
  );
  return { journal, batches, end };
}

describe('what is recorded while a batch comes to its end', () => {
  it.each(TURNS)('is shipped without waiting for the next entry, %i turns after it was stored', async (turns) => {
    const { journal, batches, end } = journalOf();
    journal.record('run-started', 'one');
    await turnsPass(3);
    end.resolve(undefined);
    await turnsPass(turns);
    journal.record('step-started', 'two');
    await turnsPass(20);
    expect(batches).toEqual(['one', 'two']);
  });

  it.each(TURNS)('is not lost %i turns after the batch was refused', async (turns) => {
    const { journal, batches, end } = journalOf();
    journal.record('run-started', 'one');
    await turnsPass(3);
    end.reject(new Error('the database is away'));
    await turnsPass(turns);
    journal.record('step-started', 'two');
    await journal.drain();
    expect(batches.at(-1)).toBe('one two');
  });

  it('keeps a refused batch for the next entry', async () => {
    const { journal, batches, end } = journalOf();
    journal.record('run-started', 'one');
    await turnsPass(3);
    end.reject(new Error('the database is away'));
    await turnsPass(20);
    expect(batches).toEqual(['one']);
  });
});
