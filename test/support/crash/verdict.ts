// Whether a run ended as it should: its journal, its history, its counters, and what the devices themselves wrote down.
import type { Phase } from '#domain/run/run-state.ts';
import { judgeDevices } from './judge-devices.ts';
import { judgeHistory } from './judge-history.ts';
import { judgeJournal } from './judge-journal.ts';
import { judgeOffers } from './judge-offers.ts';
import { readMiscounts } from './run-rows.ts';
import { eventually } from '../eventually.ts';
import { settled, SETTLED_DEADLINE_MS } from './settled.ts';
import type { Trial } from './trial.ts';

/** A database that died last is away for a moment. */
const read = <T>(look: () => Promise<T>): Promise<T> => eventually(look, SETTLED_DEADLINE_MS);

/** Everything that is not as it should be; empty when the run ended well in `expected`. */
export async function judge(trial: Trial, expected: Phase): Promise<string[]> {
  const { phase } = await trial.position();
  const end = phase === expected ? [] : [`it ended ${phase}, not ${expected}`];
  return [
    ...end,
    ...(await read(() => judgeJournal(trial, phase))),
    ...(await judgeHistory(trial)),
    ...(await read(() => readMiscounts(trial.world.pool, trial.run))),
    ...(await read(() => judgeOffers(trial, phase))),
    ...(await settled(() => judgeDevices(trial, phase))),
  ];
}
