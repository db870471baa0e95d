import { describe, expect, it, test } from 'vitest';
import { parse } from 'yaml';
import { ConfigurationFile } from '#domain/environments/configuration.schema.ts';
import { environmentOf } from '#domain/environments/environment.ts';
import { staleness } from '#domain/plan/stale-plan.ts';
import { options, type Written } from '../../support/plans/settled-plan.ts';

/** What has changed for a plan made under `before` when `after` holds. */
function changes(before: Written, after: Omit<Written, 'plan'>): string[] {
  const { environment = {}, configuration = '' } = after;
  const all = ConfigurationFile.parse({ ...(parse(configuration) as object | null), environments: { e: environment } });
  const spec = all.environments?.['e'];
  if (!spec) throw new Error('no environment');
  const selection = { groups: [], devices: 20, alreadyCurrent: 0 };
  return staleness({ ...options(before), selection }, { environment: environmentOf('e', spec), configuration: all });
}

const asked = (approvals: object = {}) => ({ approval_required: true, approvals });
const gated = (gate: string, list = '[lab]') => `quality_gates: { pre_deployment: ${list} }\ngates: { lab: ${gate} }`;

describe('a plan made before its environment', () => {
  const waves = (...before_waves: number[]) => asked({ before_waves });
  test.each([
    ['asked for approval at all', {}, asked(), ['wave 1 has to be approved']],
    ['asked for one before a later wave', asked(), waves(3), ['wave 3 has to be approved']],
    ['asked for more people', asked(), asked({ quorum: 2 }), ['approvals.quorum has to be at least 2, the plan has 1']],
    [
      'asked another role',
      asked(),
      asked({ role: 'owner' }),
      ['approvals.role has to be owner, the plan has "approver"'],
    ],
    [
      'set an expiry',
      asked(),
      asked({ expires_in: '1h' }),
      ['approvals.expires_in has to be at most 1 h, the plan has never'],
    ],
    [
      'shortened the expiry',
      asked({ expires_in: '2h' }),
      asked({ expires_in: '1h' }),
      ['approvals.expires_in has to be at most 1 h, the plan has 2 h'],
    ],
    ['became looser', asked({ quorum: 3, before_waves: [2] }), asked(), []],
    ['stopped asking', asked({ quorum: 3 }), {}, []],
    ['asked for a wave that the plan does not have', asked(), waves(9), []],
  ])('%s', (_what, before, after, expected) => {
    expect(changes({ environment: before }, { environment: after })).toEqual(expected);
  });

  it('asked more people where everything goes out at once is judged by its waves', () => {
    const immediate = asked({ immediate: { quorum: 2 } });
    const now = (plan: object) => changes({ environment: asked(), plan }, { environment: immediate });
    const stale = ['approvals.quorum has to be at least 2, the plan has 1'];
    expect(now({ strategy: 'immediate' })).toEqual(stale);
    expect(now({ waves: [100] })).toEqual(stale);
    expect(now({})).toEqual([]);
  });
});

describe('a plan made before its configuration', () => {
  const manual = (quorum: number) => gated(`{ manual: { quorum: ${quorum} } }`);
  test.each([
    [
      'required a gate',
      '',
      manual(1),
      ['gate lab has to be lab, required before the first wave, the plan has no such gate'],
    ],
    [
      'asked more people at a gate',
      manual(1),
      manual(2),
      ['gate lab (manual.quorum) has to be at least 2, the plan has 1'],
    ],
    [
      'ran another command',
      gated('{ command: a }'),
      gated('{ command: b }'),
      ['gate lab (command) has to be the command "b", the plan has the command "a"'],
    ],
    [
      'asked people in place of a command',
      gated('{ command: a }'),
      manual(1),
      ['gate lab (manual) has to be people to decide, the plan has the command "a"'],
    ],
    [
      'made a gate required',
      gated('{ command: a, required: false }'),
      gated('{ command: a }'),
      ['gate lab (required) has to be lab, required before the first wave, the plan has required: false'],
    ],
    ['dropped a gate', manual(1), '', []],
    ['listed a gate that it does not require', '', gated('{ command: a, required: false }'), []],
  ])('%s', (_what, before, after, expected) => {
    expect(changes({ configuration: before }, { configuration: after })).toEqual(expected);
  });
});

it('a plan under the rules it was made under is not stale', () => {
  const written = {
    environment: asked({ quorum: 2, before_waves: [2], expires_in: '1h' }),
    configuration: gated('{ manual: true }'),
  };
  expect(changes(written, written)).toEqual([]);
});
