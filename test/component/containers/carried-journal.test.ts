// What a run's journal has not stored yet travels with its effects.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { JournalEntry } from '#domain/journal/journal-entry.ts';
import type { RunRef } from '#domain/ports/fleet.port.ts';
import { openContainerWorld, REPLICAS, soon, type ContainerWorld } from '../../support/containers/container-world.ts';
import { attempt, codeOf } from '../../support/fleet/fleet-world.ts';
import { runViewOf } from '../../support/fleet/run-view-builder.ts';

let world: ContainerWorld;
beforeAll(async () => {
  world = await openContainerWorld();
});
afterAll(() => world.close());
beforeEach(() => world.next());

const entry = (seq: number): JournalEntry => ({
  ...{ seq, at: '2026-01-01T00:00:00.000Z', type: 'step-started', summary: `entry ${seq}`, data: {} },
});
const carrying = (ref: RunRef, ...seqs: readonly number[]) => ({
  ...ref,
  journal: { run: ref.run, entries: seqs.map(entry), view: runViewOf(ref.run) },
});

async function stored({ run }: RunRef): Promise<number[]> {
  const { rows } = await world.pool.query<{ seq: number }>(
    'select seq from run_events where run_id = $1 order by seq',
    [run],
  );
  return rows.map(({ seq }) => seq);
}

it('is stored once, however often the effect is repeated', async () => {
  const { ref } = await world.prepared('2.0.0');
  const input = { ...carrying(ref, 1, 2), step: 'stage', replicas: REPLICAS };
  await attempt(world.activities.stageInstances, input).result;
  await attempt(world.activities.stageInstances, input).result;
  expect(await stored(ref)).toEqual([1, 2]);
});

it('is stored although the effect is refused', async () => {
  const { ref } = await world.prepared('2.0.0');
  await world.prepared('3.0.0');
  const shift = { ...carrying(ref, 1), look: null, weightBasisPoints: 500, deadlineAt: soon() };
  expect(await codeOf(attempt(world.activities.shiftTraffic, shift).result)).toBe('RELEASE_FENCED');
  expect(await stored(ref)).toEqual([1]);
});

it('keeps the effect from beginning while it cannot be stored', async () => {
  const { ref } = await world.prepared('2.0.0');
  const { run } = ref;
  const broken = { run, entries: [{ ...entry(1), at: 'no time' }], view: runViewOf(run) };
  const stage = { ...ref, journal: broken, step: 'stage', replicas: REPLICAS };
  expect(await codeOf(attempt(world.activities.stageInstances, stage).result)).toBe('JOURNAL_REJECTED');
  expect(await world.containers()).toEqual([]);
});
