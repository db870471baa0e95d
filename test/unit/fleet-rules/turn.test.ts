import { describe, expect, it } from 'vitest';
import { foresee, takeTurn, type DueDevice } from '#domain/fleet/turn.ts';
import type { Plan, PlannedFirmware } from '#domain/plan/plan.ts';
import type { Sha256 } from '#domain/ids.ts';

const firmware: PlannedFirmware = {
  name: 'edge',
  version: '1.2.0',
  sha256: '0'.repeat(64) as Sha256,
  sizeBytes: 1,
  signature: '',
  hardware: ['edge-a'],
  minimumVersion: '1.0.0',
};
const device = (changes: Partial<DueDevice> = {}): DueDevice => {
  return { thing: 'd-1', hardware: 'edge-a', firmware: '1.1.0', goingBackTo: null, ...changes };
};
const ARTIFACTS = ['1.0.0', '1.1.0'].map((version) => ({ version, hardware: ['edge-a'] }));
const turn = (changes: Partial<DueDevice>, overrides: Plan['overrides'] = []) =>
  takeTurn(device(changes), { firmware, overrides }, ARTIFACTS);
const accepted = [{ rule: 'NO_WAY_BACK', by: 'ada', reason: 'bench' }];

describe('the turn of a device', () => {
  it('is an offer that leads back to what the device runs now', () => {
    expect(turn({})).toEqual({ kind: 'offer', previousFirmware: '1.1.0' });
  });

  it.each<[string, Partial<DueDevice>, string]>([
    ['runs the version by now', { firmware: '1.2.0' }, 'current'],
    ['is of other hardware', { hardware: 'edge-z' }, 'misfit'],
    ['is too old for the version', { firmware: '0.9.0' }, 'misfit'],
    ['runs what is no artifact', { firmware: '1.1.5' }, 'no-way-back'],
    ['is on its way back to what is none', { goingBackTo: '1.0.5' }, 'no-way-back'],
  ])('is over when it %s', (_what, changes, reason) => {
    expect(turn(changes)).toEqual({ kind: 'skip', reason });
  });

  it('is over when the only artifact of its firmware is for other hardware', () => {
    const other = [{ version: '1.1.0', hardware: ['edge-b'] }];
    expect(takeTurn(device(), { firmware, overrides: [] }, other)).toEqual({ kind: 'skip', reason: 'no-way-back' });
  });

  it('needs no way back where the plan does without', () => {
    expect(turn({ firmware: '1.1.5' }, accepted)).toEqual({ kind: 'offer', previousFirmware: '1.1.5' });
    expect(turn({ hardware: 'edge-z' }, accepted)).toMatchObject({ reason: 'misfit' });
  });

  it('leads back to where the device was going, even from the version itself', () => {
    expect(turn({ goingBackTo: '1.0.0' })).toEqual({ kind: 'offer', previousFirmware: '1.0.0' });
    expect(turn({ firmware: '1.2.0', goingBackTo: '1.0.0' })).toEqual({ kind: 'offer', previousFirmware: '1.0.0' });
  });
});

describe('what is foreseen when devices are chosen', () => {
  it('is that they are offered the version, have it, or cannot take it', () => {
    expect(foresee(device(), firmware)).toBeNull();
    expect(foresee(device({ firmware: '1.2.0', hardware: 'edge-z' }), firmware)).toBe('current');
    expect(foresee(device({ hardware: 'edge-z' }), firmware)).toBe('misfit');
  });
});
