import { listOf, NAME, NAME_EXPECTED, oneOf, script, section, text } from '../environments/fields.schema.ts';
import { STEP_KINDS } from './policy-rule.ts';

// All that deny at once stand in one event of a history.
const MOST_RULES = 50;
const MOST_CHARACTERS = 2_000;

const PolicyRuleSpec = section({
  name: text(NAME_EXPECTED)
    .regex(NAME, { error: NAME_EXPECTED })
    .describe('Stands in the journal; once in its environment'),
  when: script('a CEL expression that is true or false')
    .max(MOST_CHARACTERS, { error: `a CEL expression of at most ${MOST_CHARACTERS} characters` })
    .describe('What must hold, over run, plan, step, environment, now, approvals and counts'),
  message: text('why, in one line')
    .max(300, { error: 'at most 300 characters' })
    .describe('For whoever is kept waiting'),
  steps: listOf('kinds of steps', oneOf(STEP_KINDS))
    .min(1, { error: 'at least one kind of steps, or the key left out' })
    .optional()
    .describe('Before which steps it is asked; default before all'),
});

/** What must hold before each step of the way forward, in an environment. */
export const PolicyRulesSpec = listOf('rules', PolicyRuleSpec)
  .max(MOST_RULES, { error: `at most ${MOST_RULES} rules` })
  .refine((rules) => new Set(rules.map(({ name }) => name)).size === rules.length, {
    error: 'rules with a name each of its own',
  });
