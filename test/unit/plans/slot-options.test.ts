import { describe, expect, it } from 'vitest';
import { describeStep } from '#domain/plan/describe-step.ts';
import { staleness } from '#domain/plan/stale-plan.ts';
import { ConfigurationFile } from '#domain/environments/configuration.schema.ts';
import { environmentOf } from '#domain/environments/environment.ts';
import { approvals, ids, offers, options, problems } from '../../support/plans/settled-plan.ts';

const plan = { strategy: 'BLUE_GREEN' };
const configuration = 'health_checks: { a: { type: http, endpoint: "http://a/" } }';

describe('a blue-green plan', () => {
  it('stages everywhere, looks, activates everywhere, bakes, and looks again', () => {
    expect(ids(options({ plan, configuration }).steps)).toEqual([
      'gate-firmware_validation',
      'gate-device_compatibility_check',
      ...['offer-1', 'gate-staged-health_check', 'offer-2', 'bake-2', 'gate-health_check'],
    ]);
    expect(ids(options({ plan }).steps).slice(2)).toEqual(['offer-1', 'offer-2', 'bake-2']);
  });

  it('says so in its steps', () => {
    expect(offers(options({ plan }).steps).map(describeStep)).toEqual([
      'wave 1 of 2: stage on 100 %',
      'wave 2 of 2: activate on 100 %',
    ]);
  });

  it('has a time of its own for the activation, by default five minutes, and no rate', () => {
    const paced = { ...plan, rate: { maximum_per_minute: 60 }, timeouts: { deployment: '2h' } };
    const [stage, activate] = offers(options({ plan: paced }).steps);
    expect(stage).toMatchObject({ operation: 'stage', deadlineMs: 7_200_000, maximumPerMinute: 60 });
    expect(activate).toMatchObject({ operation: 'activate', deadlineMs: 300_000, maximumPerMinute: null });
    const [, quick] = offers(options({ plan: { ...plan, switch_timeout: '90s' } }).steps);
    expect(quick?.deadlineMs).toBe(90_000);
    expect(options({ plan: paced }).notes).toEqual([
      'rate.maximum_per_minute limits the staging: the activation goes to all devices at once',
    ]);
  });

  it('reaches as much as its rollout percentage', () => {
    expect(options({ plan: { ...plan, rollout_percentage: 30 } }).waves).toEqual([
      { kind: 'percent', percent: 30, operation: 'stage' },
      { kind: 'percent', percent: 30, operation: 'activate' },
    ]);
  });

  it('may ask people between staging and activation', () => {
    const asked = options({ plan: { ...plan, approvals: { before_waves: [2] } }, configuration });
    expect(ids(asked.steps).slice(2, 6)).toEqual(['offer-1', 'gate-staged-health_check', 'approve-2', 'offer-2']);
    expect(approvals(asked.steps)[0]?.opens).toBe('wave 2 (activate on 100 %)');
  });

  it('has no waves by hand', () => {
    expect(problems({ plan: { ...plan, waves: [10, 100] } })).toEqual(['waves: no waves with strategy blue_green']);
  });

  it('is stale when a gate after the last wave was weakened, though the same one stands before the activation', () => {
    const required = `${configuration}\nquality_gates: { post_deployment: [{ name: health_check, required: true }] }`;
    const { steps, strategy, waves } = options({ plan, configuration: required });
    const weak = steps.map((step) => (step.id === 'gate-health_check' ? { ...step, required: false } : step));
    const rules = ConfigurationFile.parse({
      health_checks: { a: { type: 'http', endpoint: 'http://a/' } },
      quality_gates: { post_deployment: [{ name: 'health_check', required: true }] },
      environments: { e: {} },
    });
    const environment = environmentOf('e', rules.environments?.['e'] ?? ({} as never));
    const judged = { strategy, waves, selection: { groups: [], devices: 0, alreadyCurrent: 0 } };
    expect(staleness({ ...judged, steps }, { environment, configuration: rules })).toEqual([]);
    expect(staleness({ ...judged, steps: weak }, { environment, configuration: rules })).toHaveLength(1);
  });
});

it('another plan is told that it has no use for switch_timeout', () => {
  expect(options({ plan: { switch_timeout: '1m' } }).notes).toEqual(['switch_timeout is not used by strategy canary']);
});
