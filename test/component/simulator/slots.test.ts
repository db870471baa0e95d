// Twenty simulated devices under a blue-green rollout: gateway, broker and database are real, and so are the downloads.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PlannedFirmware } from '#domain/plan/plan.ts';
import type { RunRef, WaveOutcome } from '#domain/ports/fleet.port.ts';
import { createFleetActivities } from '../../../activities/fleet/fleet.activities.ts';
import { isHit } from '../../../client/devices/simulator/faults.ts';
import { inMs, offer } from '../../support/fleet/fleet-runs.ts';
import { attempt, things } from '../../support/fleet/fleet-world.ts';
import { SLOT_PLAN, SlotFleet } from '../../support/fleet/slot-fleet.ts';

const NAMES = things(20);
const THIRD = { version: '1.1.0', mode: 'boot-loop', percent: 33 } as const;
const CRASHING = NAMES.filter((thing) => isHit(thing, 'boot-loop', THIRD.percent)).length;

let fleet: SlotFleet;
let firmware: PlannedFirmware;
beforeEach(async () => {
  fleet = await SlotFleet.open();
  await fleet.addFirmware('1.0.0');
  firmware = await fleet.addFirmware('1.1.0');
});
afterEach(() => fleet.close());

async function stagedRun(): Promise<RunRef> {
  const ref = await fleet.world.plan(firmware, SLOT_PLAN);
  await attempt(createFleetActivities(fleet.world).prepareRollout, ref).result;
  const staged = await offer(fleet.world, { ...ref, wave: 1 }).result;
  expect(staged).toMatchObject({ kind: 'passed', counts: { offered: 20, succeeded: 20 }, unreleased: 0 });
  return ref;
}

const activate = (ref: RunRef): Promise<WaveOutcome> => offer(fleet.world, { ...ref, wave: 2 }).result;

const rollBack = (ref: RunRef) =>
  attempt(createFleetActivities(fleet.world).rollBackFleet, { ...ref, reason: 'test', deadlineAt: inMs(60_000) })
    .result;

describe('twenty devices with two slots', () => {
  it('are staged while they run on, and activated together without another download', async () => {
    await fleet.simulate(NAMES);
    const ref = await stagedRun();
    expect(await fleet.running()).toEqual({ '1.0.0': 20 });
    expect(await fleet.ledger()).toEqual({ 'staged 1.1.0': 20 });
    expect(fleet.artifacts.downloads).toHaveLength(20);

    expect(await activate(ref)).toMatchObject({ kind: 'passed', counts: { offered: 20, succeeded: 20 } });
    expect(await fleet.running()).toEqual({ '1.1.0': 20 });
    expect(await fleet.ledger()).toEqual({ 'staged 1.1.0': 20, 'activated 1.1.0': 20, 'booted 1.1.0': 20 });
    expect(fleet.artifacts.downloads).toHaveLength(20);
  });

  it('all come back to their old slot without a download when a third of them boots and fails', async () => {
    await fleet.simulate(NAMES, [THIRD]);
    expect(CRASHING).toBeGreaterThan(2);
    const ref = await stagedRun();
    expect(await activate(ref)).toMatchObject({ kind: 'breach' });

    const outcome = await rollBack(ref);
    expect(outcome).toMatchObject({ kind: 'rolled-back', left: 0 });
    expect(outcome.returned).toBe(outcome.offered);
    expect(await fleet.running()).toEqual({ '1.0.0': 20 });
    const { 'booted 1.1.0': booted = 0, 'booted 1.0.0': back = 0, ...others } = await fleet.ledger();
    expect(back).toBe(booted);
    expect(others).not.toHaveProperty('installed 1.0.0');
    // Each got the new version once, nobody the old one.
    expect(fleet.artifacts.downloads).toHaveLength(20);
  });

  it('that are only staged need no way back', async () => {
    await fleet.simulate(NAMES);
    const ref = await stagedRun();
    const none = { kind: 'rolled-back', offered: 0, returned: 0, left: 0, examples: [] };
    expect(await rollBack(ref)).toEqual(none);
    expect(await fleet.ledger()).toEqual({ 'staged 1.1.0': 20 });
  });
});
