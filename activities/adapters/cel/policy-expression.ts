/** Rules over the step that comes next, in CEL. */
import { Environment, type ASTNode } from '@marcbachmann/cel-js';
import type { PolicyFacts } from '#domain/policy/policy-facts.ts';
import type { PolicyDenial } from '#domain/ports/policy.port.ts';
import { childrenOf, compileExpression, isCelError, LIMITS, type ExpressionProblem } from './expression.ts';
import { registerLinearMatches } from './linear-matches.ts';

type FieldType = 'string' | 'int' | 'double' | 'bool' | 'list<string>' | 'google.protobuf.Timestamp';
type Variables = { readonly [Name in keyof PolicyFacts]: { readonly [Field in keyof PolicyFacts[Name]]: FieldType } };

/** Every variable with its fields: declared, so that a name that there is not is found when the rule is compiled. */
const VARIABLES: Variables = {
  run: {
    id: 'string',
    kind: 'string',
    by: 'string',
    via: 'string',
    verified: 'bool',
    reason: 'string',
    priority: 'string',
    startedAt: 'google.protobuf.Timestamp',
  },
  plan: {
    id: 'string',
    digest: 'string',
    name: 'string',
    author: 'string',
    application: 'string',
    firmware: 'string',
    version: 'string',
    artifact: 'string',
    strategy: 'string',
    steps: 'int',
    replicas: 'int',
    devices: 'int',
    waves: 'int',
    promotedFrom: 'string',
  },
  step: {
    kind: 'string',
    id: 'string',
    index: 'int',
    weightPercent: 'double',
    wave: 'int',
    gate: 'string',
    hook: 'string',
  },
  environment: { name: 'string', title: 'string', stage: 'string', target: 'string' },
  now: {
    at: 'google.protobuf.Timestamp',
    timezone: 'string',
    date: 'string',
    time: 'string',
    weekday: 'string',
    year: 'int',
    month: 'int',
    day: 'int',
    hour: 'int',
    minute: 'int',
  },
  approvals: { count: 'int', people: 'list<string>' },
  counts: {
    offered: 'int',
    inProgress: 'int',
    succeeded: 'int',
    failed: 'int',
    skipped: 'int',
    failureRatePercent: 'double',
    instancesWanted: 'int',
    instancesReady: 'int',
    weightPercent: 'double',
  },
};

const environment = registerLinearMatches(new Environment({ limits: LIMITS }));
for (const [name, schema] of Object.entries(VARIABLES)) environment.registerVariable({ name, schema });

/** `run.{id, kind, …} plan.{…} …`, for whoever wrote a name that there is not. */
export const KNOWN_VARIABLES = Object.entries(VARIABLES)
  .map(([name, fields]) => `${name}.{${Object.keys(fields).join(', ')}}`)
  .join(' ');

type Values = PolicyDenial['values'];

/** What a rule came to at one moment; `values` is what it asked and found. */
export type RuleOutcome =
  | { readonly kind: 'holds' }
  | { readonly kind: 'broken'; readonly values: Values }
  | { readonly kind: 'unevaluable'; readonly why: string; readonly values: Values };

export type PolicyExpression = (facts: PolicyFacts) => RuleOutcome;

export type CompiledPolicy =
  | { readonly kind: 'compiled'; readonly evaluate: PolicyExpression }
  | { readonly kind: 'refused'; readonly problem: ExpressionProblem };

/** The rule behind `text`, or what is wrong with it: an expression that is true or false over the known variables. */
export function compilePolicy(text: string): CompiledPolicy {
  const compiled = compileExpression(environment, text);
  if (compiled.kind === 'refused') return compiled;
  const { parsed } = compiled;
  const asked = askedIn(parsed.ast);
  const evaluate: PolicyExpression = (facts) => {
    try {
      if (parsed(contextOf(facts)) === true) return { kind: 'holds' };
      return { kind: 'broken', values: valuesOf(asked, facts) };
    } catch (error) {
      // Whatever it is: what nobody can tell lets nothing begin.
      const why = isCelError(error) ? error.summary : String(error);
      return { kind: 'unevaluable', why, values: valuesOf(asked, facts) };
    }
  };
  return { kind: 'compiled', evaluate };
}

/** Every declared field; CEL's whole numbers are the language's big ones. */
function contextOf(facts: PolicyFacts): Record<string, Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(VARIABLES).map(([name, fields]) => {
      const values = facts[name as keyof PolicyFacts] as Readonly<Record<string, unknown>>;
      const typed = Object.entries(fields as Readonly<Record<string, FieldType>>).map(
        ([field, type]) => [field, type === 'int' ? BigInt(Number(values[field])) : values[field]] as const,
      );
      return [name, Object.fromEntries(typed)];
    }),
  );
}

type Field = readonly [variable: string, field: string];

/** Fields that the expression names, each once, in their order. */
function askedIn(node: ASTNode): Field[] {
  const found = new Map<string, Field>();
  const visit = (one: ASTNode): void => {
    const field = fieldOf(one);
    if (field !== null) found.set(field.join('.'), field);
    for (const child of childrenOf(one.args)) visit(child);
  };
  visit(node);
  return [...found.values()];
}

/** `now.hour` or `now["hour"]`. */
function fieldOf({ op, args }: ASTNode): Field | null {
  if ((op !== '.' && op !== '[]' && op !== '.?') || !Array.isArray(args)) return null;
  const [object, key] = args as [unknown, unknown];
  const [holder] = childrenOf(object);
  if (holder?.op !== 'id' || typeof holder.args !== 'string') return null;
  const [written] = childrenOf(key);
  const field = typeof key === 'string' ? key : written?.op === 'value' ? written.args : null;
  const fields: object | undefined = Object.hasOwn(VARIABLES, holder.args)
    ? VARIABLES[holder.args as keyof Variables]
    : undefined;
  return typeof field === 'string' && fields && Object.hasOwn(fields, field) ? [holder.args, field] : null;
}

const MOST_TEXT = 300;
const MOST_ITEMS = 10;
const MOST_FIELDS = 12;

function valuesOf(asked: readonly Field[], facts: PolicyFacts): Values {
  const all = facts as unknown as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  return Object.fromEntries(
    asked.slice(0, MOST_FIELDS).map(([name, field]) => [`${name}.${field}`, shown(all[name]?.[field])]),
  );
}

/** As it stands in a journal: small, plain JSON. */
function shown(value: unknown): Values[string] {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.slice(0, MOST_ITEMS).map((item) => String(item).slice(0, MOST_TEXT));
  if (typeof value === 'string') return value.slice(0, MOST_TEXT);
  return typeof value === 'number' || typeof value === 'boolean' ? value : String(value);
}
