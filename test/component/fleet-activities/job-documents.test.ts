import { afterAll, beforeAll, expect, it } from 'vitest';
import { handedOut, type StoredJobDocument } from '#domain/fleet/job-document.ts';
import { createFleetActivities } from '../../../activities/fleet/fleet.activities.ts';
import { trustedKey } from '../../../activities/adapters/signing/firmware-signer.ts';
import { isSigned } from '../../../client/devices/simulator/verify.ts';
import { JobDocument } from '../../../client/devices/simulator/wire.schema.ts';
import { inMs, offeredRun } from '../../support/fleet/fleet-runs.ts';
import { attempt, openFleetWorld, type FleetWorld } from '../../support/fleet/fleet-world.ts';
import { playedDevices, succeeds } from '../../support/fleet/played-devices.ts';

let world: FleetWorld;
beforeAll(async () => void (world = await openFleetWorld()));
afterAll(() => world.close());

it('every job says the minimum version that was signed, and a way back that it is one', async () => {
  await world.addFirmware('1.0.0', { minimumVersion: '0.5.0' });
  const firmware = await world.addFirmware('1.1.0', { minimumVersion: '1.0.0' });
  const ref = await offeredRun(world, firmware, { names: ['d-1'] });
  await playedDevices(world.pool).play('d-1', succeeds);
  await attempt(createFleetActivities(world).rollBackFleet, { ...ref, reason: 'test', deadlineAt: inMs(0) }).result;

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
