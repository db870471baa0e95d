import { describe, expect, it } from 'vitest';
import type { PolicyFacts } from '#domain/policy/policy-facts.ts';
import {
  compilePolicy,
  KNOWN_VARIABLES,
  type RuleOutcome,
} from '../../../activities/adapters/cel/policy-expression.ts';
import { someFacts } from '../../support/policy/facts.ts';

function asked(text: string, over: Partial<PolicyFacts> = {}): RuleOutcome {
  const compiled = compilePolicy(text);
  if (compiled.kind === 'refused') throw new Error(compiled.problem.why);
  return compiled.evaluate(someFacts(over));
}

function refusal(text: string) {
  const compiled = compilePolicy(text);
  if (compiled.kind === 'refused') return compiled.problem;
  throw new Error(`${text} was accepted`);
}

describe('a rule', () => {
  it.each([
    ['run.kind == "container-release" && run.priority == "normal" && !run.verified'],
    ['plan.application == "shop" && plan.version == "2.0.0" && plan.artifact.startsWith("sha256:")'],
    ['step.kind == "shift" && step.weightPercent <= 50'],
    ['step.weightPercent > 9.5 && step.index == 3'],
    ['environment.stage == "production" && environment.target == "docker"'],
    ['now.weekday in ["mon", "fri"] && now.hour >= 9 && now.hour < 18 && now.date == "2026-03-20"'],
    ['now.at < timestamp("2026-04-01T00:00:00Z") && now.at - run.startedAt < duration("2h")'],
    ['approvals.count >= 2 && approvals.people.exists(p, p == "ada")'],
    ['counts.failureRatePercent < 5 && counts.failed == 0 && counts.instancesReady == 2'],
    ['plan.name.matches("^Shop [0-9.]+$")'],
    ['now["hour"] == 10'],
  ])('may ask %s', (text) => {
    expect(asked(text)).toEqual({ kind: 'holds' });
  });

  it('says what it asked and found where it is false', () => {
    expect(asked('now.weekday != "fri" || (step.kind != "shift" && now["hour"] < 12)')).toEqual({
      kind: 'broken',
      values: { 'now.weekday': 'fri', 'step.kind': 'shift', 'now.hour': 10 },
    });
    expect(asked('approvals.people.exists(p, p == "zoe")')).toEqual({
      kind: 'broken',
      values: { 'approvals.people': ['ada', 'bob'] },
    });
    expect(asked('run.startedAt > now.at')).toMatchObject({ values: { 'run.startedAt': '2026-03-20T09:00:00.000Z' } });
  });

  it.each([
    ['approvals.people[7] == "ada"', /index/],
    ['10 / counts.failed > 1', /division by zero/],
    ['now.at.getHours("Nowhere/Atall") == 1', /./],
    ['timestamp(plan.version) < now.at', /./],
  ])('that cannot be evaluated does not hold: %s', (text, why) => {
    expect(asked(text)).toMatchObject({ kind: 'unevaluable', why: expect.stringMatching(why) as unknown });
  });

  it('keeps what it found small', () => {
    const plan = { ...someFacts().plan, name: 'x'.repeat(9_000) };
    const outcome = asked('plan.name == ""', { plan });
    expect(JSON.stringify(outcome).length).toBeLessThan(500);
  });
});

describe('what is no rule', () => {
  it.each([
    ['nw.hour < 2', 'Unknown variable: nw', 1, 1, 'nw'],
    ['now.hour < 2 &&\n  step.weigth > 1.0', 'No such key: weigth', 2, 8, 'weigth'],
    ['now.hour <', 'Unexpected token: EOF', 1, 11, ''],
    ['now.hour', 'expected an expression that is true or false, got one of type int', 1, 1, ''],
    ['now.hour == "ten"', 'no such overload: int == string', 1, 1, 'now.hour == "ten"'],
    [
      'approvals.people.all(a, approvals.people.exists(b, a == b))',
      'exists() over or in another loop',
      1,
      25,
      undefined,
    ],
    ['plan.name.matches("(")', 'invalid pattern: missing closing ): `(`', 1, 19, '"("'],
  ])('is refused at its place: %s', (text, why, line, column, found) => {
    const problem = refusal(text);
    expect(problem).toMatchObject({ why, line, column });
    if (found !== undefined) expect(problem.found).toBe(found);
  });

  it('is told what there is', () => {
    expect(KNOWN_VARIABLES).toMatch(/run\.\{id, kind, .*\} plan\.\{.*\} step\.\{.*weightPercent.*\} environment\.\{/);
    expect(KNOWN_VARIABLES).toMatch(/now\.\{.*weekday.*\} approvals\.\{count, people\} counts\.\{.*\}$/);
  });
});
