import { afterAll, beforeAll, expect, it } from 'vitest';
import { handedOut, type StoredJobDocument } from '#domain/fleet/job-document.ts';
import { createFleetActivities } from '../../../activities/fleet/fleet.activities.ts';
import { trustedKey } from '../../../activities/adapters/signing/firmware-signer.ts';
import { isSigned } from '../../../client/devices/simulator/verify.ts';
import { JobDocument } from '../../../client/devices/simulator/wire.schema.ts';
import { attempt, openFleetWorld, type FleetWorld } from '../../support/fleet/fleet-world.ts';
import { percentWaves } from '../../support/fleet/plan-builder.ts';
import { playedDevices, succeeds } from '../../support/fleet/played-devices.ts';

let world: FleetWorld;
beforeAll(async () => void (world = await openFleetWorld()));
afterAll(() => world.close());

const inMs = (ms: number): string => new Date(Date.now() + ms).toISOString();

it('every job says the minimum version that was signed, and a way back that it is one', async () => {
  await world.addFirmware('1.0.0', { minimumVersion: '0.5.0' });
  const firmware = await world.addFirmware('1.1.0', { minimumVersion: '1.0.0' });
  await world.addDevices(['d-1']);
  const ref = await world.plan(firmware, { waves: percentWaves(100) });
  const activities = createFleetActivities(world);
  const devices = playedDevices(world.pool);
  await attempt(activities.prepareRollout, ref).result;
  const criteria = { maxFailureRatePercent: null, minimumExecuted: 1, onHealthCheckFailure: false };
  const rules = { maximumPerMinute: null, successThresholdPercent: 0, criteria };
  await attempt(activities.offerWave, { ...ref, ...rules, wave: 1, deadlineAt: inMs(0) }).result;
  await devices.play('d-1', succeeds);
  await attempt(activities.rollBackFleet, { ...ref, reason: 'test', deadlineAt: inMs(0) }).result;

  const { rows } = await world.pool.query<{ document: StoredJobDocument }>('select document from jobs order by seq');
  expect(rows.map(({ document: { version, minimumVersion, wayBack } }) => [version, minimumVersion, wayBack])).toEqual([
    ['1.1.0', '1.0.0', undefined],
    ['1.0.0', '0.5.0', true],
  ]);
  const key = trustedKey(world.dataDirectory);
  if (key === null) throw new Error('the firmware was signed with no key');
  for (const { document } of rows) {
    const read = JobDocument.parse(handedOut(document, 'http://127.0.0.1:5001/artifacts'));
    expect(isSigned(read, key)).toBe(true);
    expect(JSON.stringify(document)).not.toContain('http');
  }
});
