import { describe, expect, it } from 'vitest';
import { EnvironmentSpec } from '#domain/environments/environment.schema.ts';
import { environmentOf } from '#domain/environments/environment.ts';
import { NO_COUNTS } from '#domain/fleet/counts.ts';
import { policyFacts } from '#domain/policy/policy-facts.ts';
import { judgeStep } from '../../../activities/policy/judge-step.ts';
import { SAID, someFacts } from '../../support/policy/facts.ts';
import { rule, type WrittenRule } from '../../support/policy/rule-book.ts';
import { aPlan } from '../../support/runs/plan-builder.ts';

const production = (policy_rules: readonly WrittenRule[], more: object = {}) =>
  environmentOf('production', EnvironmentSpec.parse({ policy_rules, ...more }));

describe('a step before which rules are asked', () => {
  it('may begin when all of them hold', () => {
    const verdict = judgeStep(production([rule('a', 'true'), rule('b', 'step.kind == "shift"')]), someFacts());
    expect(verdict).toMatchObject({ kind: 'allowed' });
  });

  it('does not when any is false or cannot be evaluated, and all of those are named', () => {
    const rules = [rule('a', 'true'), rule('b', 'now.hour < 9'), rule('c', '1 / counts.failed == 1')];
    expect(judgeStep(production(rules), someFacts())).toMatchObject({
      kind: 'denied',
      denials: [
        { rule: 'b', why: 'false', when: 'now.hour < 9', message: 'b has to hold', values: { 'now.hour': 10 } },
        { rule: 'c', why: 'unevaluable', values: { 'counts.failed': 0 } },
      ],
    });
  });

  it('is asked only by rules for its kind', () => {
    expect(judgeStep(production([rule('a', 'false', ['bake', 'gate'])]), someFacts()).kind).toBe('allowed');
    expect(judgeStep(production([rule('a', 'false', ['bake', 'shift'])]), someFacts()).kind).toBe('denied');
  });

  it('does not begin where a stored rule is none any more', () => {
    expect(judgeStep(production([rule('old', 'plan.owner == "x"')]), someFacts())).toMatchObject({
      denials: [{ rule: 'old', why: 'unevaluable', detail: 'No such key: owner' }],
    });
  });

  it('is told which rules these were: another text or another clock are others', () => {
    const digest = (when: string, more: object = {}): unknown =>
      judgeStep(production([rule('a', when)], more), someFacts()).rules;
    expect(digest('true')).toMatch(/^[0-9a-f]{64}$/);
    expect(digest('true')).toBe(digest('true', { description: 'something else' }));
    expect(new Set([digest('true'), digest('1 == 1'), digest('true', { policy_timezone: 'Asia/Tokyo' })]).size).toBe(3);
  });
});

describe('the clock of rules', () => {
  it('is that of the zone that the environment names, of its windows, or UTC', () => {
    const window = { start_time: '22:00', end_time: '06:00' };
    expect(production([]).policyTimezone).toBe('UTC');
    expect(production([], { deployment_window: { ...window, timezone: 'Asia/Tokyo' } }).policyTimezone).toBe(
      'Asia/Tokyo',
    );
    const named = { deployment_window: { ...window, timezone: 'Asia/Tokyo' }, policy_timezone: 'Europe/Berlin' };
    expect(production([], named).policyTimezone).toBe('Europe/Berlin');
  });

  it.each([
    ['2026-03-29T00:59:59Z', { hour: 1, minute: 59, weekday: 'sun' }],
    ['2026-03-29T01:00:00Z', { hour: 3, minute: 0, time: '03:00' }],
    ['2026-10-25T01:30:00Z', { hour: 2, date: '2026-10-25' }],
    ['2026-12-31T23:30:00Z', { year: 2027, month: 1, day: 1, weekday: 'fri' }],
  ])('shows the wall clock at %s', (now, shown) => {
    const environment = production([], { policy_timezone: 'Europe/Berlin' });
    expect(policyFacts(SAID, { plan: aPlan(), digest: 'd', environment, now }).now).toMatchObject({
      ...shown,
      at: new Date(now),
    });
  });
});

describe('what a rule may ask of a rollout', () => {
  it('has everything, whatever does not apply being empty', () => {
    const counts = { ...NO_COUNTS, offered: 20, succeeded: 9, failed: 1, inProgress: 10 };
    const said = { ...SAID, index: 2, traffic: null, counts };
    const facts = policyFacts(said, { plan: aPlan(), digest: 'd', environment: production([]), now: SAID.startedAt });
    expect(facts.plan).toMatchObject({ firmware: 'edge', application: '', version: '1.1.0', devices: 200, waves: 3 });
    expect(facts.step).toEqual({
      kind: 'offer',
      id: 'offer-2',
      index: 2,
      weightPercent: 0,
      wave: 2,
      gate: '',
      hook: '',
    });
    expect(facts.counts).toMatchObject({ offered: 20, failed: 1, failureRatePercent: 10, instancesWanted: 0 });
  });
});
