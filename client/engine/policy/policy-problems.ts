import { compilePolicy, KNOWN_VARIABLES } from '../../../activities/adapters/cel/policy-expression.ts';
import type { Environment } from '#domain/environments/environment.ts';
import type { Problem } from '#domain/environments/problem.ts';

/** Rules that are no expressions over what there is: found when they are stored, not when a run is kept waiting by them. */
export const policyProblems = (environments: readonly Environment[]): Problem[] =>
  environments.flatMap(({ name, policyRules }) =>
    policyRules.flatMap(({ name: rule, when }, at) => {
      const compiled = compilePolicy(when);
      if (compiled.kind === 'compiled') return [];
      const { why, line, column, found } = compiled.problem;
      return [
        {
          path: `environments.${name}.policy_rules[${at}].when (${rule}), line ${line}, column ${column}`,
          expected: 'a CEL expression that is true or false',
          got: found === '' ? JSON.stringify(when) : found,
          fix: `${why}. Known: ${KNOWN_VARIABLES}`,
        },
      ];
    }),
  );
