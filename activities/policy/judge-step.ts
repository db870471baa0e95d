import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Environment } from '#domain/environments/environment.ts';
import type { PolicyFacts } from '#domain/policy/policy-facts.ts';
import type { PolicyRule } from '#domain/policy/policy-rule.ts';
import type { PolicyDenial, PolicyVerdict } from '#domain/ports/policy.port.ts';
import { compilePolicy } from '../adapters/cel/policy-expression.ts';

type Ruled = Pick<Environment, 'policyRules' | 'policyTimezone'>;

/** Whether a step may begin by the rules of its environment; all that deny it at once. */
export function judgeStep(environment: Ruled, facts: PolicyFacts): PolicyVerdict {
  const rules = rulesDigest(environment);
  const asked = environment.policyRules.filter(
    ({ steps }) => steps === null || steps.some((one) => one === facts.step.kind),
  );
  const denials = asked.flatMap((rule) => denialBy(rule, facts));
  return denials.length === 0 ? { kind: 'allowed', rules } : { kind: 'denied', rules, denials };
}

function denialBy({ name: rule, when, message }: PolicyRule, facts: PolicyFacts): PolicyDenial[] {
  const compiled = compilePolicy(when);
  // Stored by another version, for it was compiled when it was applied.
  if (compiled.kind === 'refused') {
    return [{ rule, when, message, why: 'unevaluable', detail: compiled.problem.why, values: {} }];
  }
  const outcome = compiled.evaluate(facts);
  if (outcome.kind === 'holds') return [];
  const { values } = outcome;
  if (outcome.kind === 'broken') return [{ rule, when, message, why: 'false', detail: '', values }];
  return [{ rule, when, message, why: 'unevaluable', detail: outcome.why, values }];
}

/** Which rules these are: SHA-256, in hex, over their RFC 8785 form and the zone of their clock. */
function rulesDigest({ policyRules, policyTimezone }: Ruled): string {
  return createHash('sha256')
    .update(canonicalize({ policyRules, policyTimezone }) ?? '', 'utf8')
    .digest('hex');
}
