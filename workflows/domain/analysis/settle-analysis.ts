import { unknownName, type Problem } from '../environments/problem.ts';
import type { SettledAnalysis, SettledMetric } from './analysis.ts';
import type { AnalysisSpec, MetricTemplateSpec, MetricTemplatesSpec } from './metric-template.schema.ts';
import { ARM_ARGUMENTS, holdsBrokenPlaceholder, placeholdersIn } from './placeholders.ts';
import { settleMetric } from './settle-metric.ts';

/** An analysis as it is written, and the templates that it may name. */
export interface WrittenAnalysis {
  readonly analysis: AnalysisSpec;
  readonly templates: MetricTemplatesSpec;
  /** Where the analysis stands, for problems: `analysis`. */
  readonly path: string;
}

export type AnalysisSettlement =
  | { readonly kind: 'settled'; readonly analysis: SettledAnalysis }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] };

type Reference = AnalysisSpec['metrics'][number];

/** The analysis with every template filled in: plain JSON for a plan. Refused with all its problems at once. */
export function settleAnalysis(written: WrittenAnalysis): AnalysisSettlement {
  const { analysis, path } = written;
  const settled = analysis.metrics.map((reference, at) =>
    settleReference(written, reference, `${path}.metrics[${at}]`),
  );
  const metrics = settled.flatMap(({ metric }) => (metric === null ? [] : [metric]));
  const problems = [
    ...settled.flatMap((one) => one.problems),
    ...repeatedNames(analysis.metrics, path),
    ...(metrics.length === settled.length ? weightProblems(analysis, metrics, path) : []),
  ];
  if (problems.length > 0) return { kind: 'refused', problems };
  const thresholds = { pass: analysis.pass, marginal: analysis.marginal };
  return { kind: 'settled', analysis: { metrics, thresholds, weights: analysis.weights } };
}

interface SettledReference {
  readonly metric: SettledMetric | null;
  readonly problems: readonly Problem[];
}

function settleReference({ templates }: WrittenAnalysis, reference: Reference, path: string): SettledReference {
  const { template: named } = reference;
  const template = Object.hasOwn(templates, named) ? templates[named] : undefined;
  if (template === undefined) {
    const problem = unknownName(`${path}.template`, 'metric template', named, Object.keys(templates));
    return { metric: null, problems: [problem] };
  }
  const place: Place = { template, templatePath: `metric_templates.${named}`, reference, path };
  const problems = argumentProblems(place);
  if (problems.length > 0) return { metric: null, problems };
  const defaults = template.args.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value] as const]));
  const given = reference.args.map(({ name, value }) => [name, value] as const);
  const values = Object.fromEntries([...defaults, ...given]);
  return settleMetric({ template, path: place.templatePath, name: reference.name ?? named, values });
}

/** A template and the place that asks for it. */
interface Place {
  readonly template: MetricTemplateSpec;
  readonly templatePath: string;
  readonly reference: Reference;
  readonly path: string;
}

function argumentProblems(place: Place): Problem[] {
  const { template, templatePath, reference, path } = place;
  const declared = template.args.map(({ name }) => name);
  const givenPath = (at: number): string => `${path}.args[${at}].name`;
  return [
    ...declared.flatMap((name, at) => reserved(name, `${templatePath}.args[${at}].name`)),
    ...repeated(declared, (at) => `${templatePath}.args[${at}].name`),
    ...undeclared(place, declared),
    ...reference.args.flatMap(({ name }, at) =>
      declared.includes(name) ? [] : [unknownName(givenPath(at), 'argument', name, declared)],
    ),
    ...repeated(
      reference.args.map(({ name }) => name),
      givenPath,
    ),
    ...missing(place),
  ];
}

function missing({ template, templatePath, reference, path }: Place): Problem[] {
  const given = new Set(reference.args.map(({ name }) => name));
  const wanted = template.args.filter(({ name, value }) => value === undefined && !given.has(name));
  return wanted.map(({ name }) => ({
    path: `${path}.args`,
    expected: `a value for argument ${name}`,
    got: 'none',
    fix: `Add { name: ${name}, value: … } there, or a value to ${name} in ${templatePath}.args.`,
  }));
}

const ARM: readonly string[] = ARM_ARGUMENTS;

function reserved(name: string, path: string): Problem[] {
  if (!ARM.includes(name)) return [];
  const expected = `no argument named ${ARM.join(' or ')}`;
  return [{ path, expected, got: name, fix: `Remove it: {{args.${name}}} is the compared version’s own.` }];
}

function repeated(names: readonly string[], pathOf: (at: number) => string): Problem[] {
  const again = names.flatMap((name, at) => (names.indexOf(name) === at ? [] : [{ name, at }]));
  return again.map(({ name, at }) => ({
    path: pathOf(at),
    expected: 'each argument once',
    got: name,
    fix: 'Remove it.',
  }));
}

/** Placeholders that no argument could ever fill. */
function undeclared({ template, templatePath }: Place, declared: readonly string[]): Problem[] {
  return textsOf(template).flatMap(([key, text]) => {
    if (holdsBrokenPlaceholder(text)) return [broken(`${templatePath}.${key}`, text)];
    const unknown = placeholdersIn(text).filter((name) => !declared.includes(name) && !isOfArm(key, name));
    return unknown.map((name) => unknownName(`${templatePath}.${key}`, 'argument', name, declared));
  });
}

const broken = (path: string, text: string): Problem => ({
  path,
  expected: 'placeholders such as {{args.service}}',
  got: JSON.stringify(text),
  fix: 'Write {{args.NAME}} with the name of an argument.',
});

/** The versions differ in what is asked, not in what is expected. */
const isOfArm = (key: string, name: string): boolean => key.startsWith('provider.') && ARM.includes(name);

function textsOf({
  provider,
  success_condition,
  failure_condition,
}: MetricTemplateSpec): (readonly [string, string])[] {
  const asked = Object.entries(provider).map(([key, text]) => [`provider.${key}`, text] as const);
  const conditions = Object.entries({ success_condition, failure_condition });
  return [...asked, ...conditions.flatMap(([key, text]) => (text === undefined ? [] : [[key, text] as const]))];
}

/** Two metrics of one name could not be told apart in the verdict. */
function repeatedNames(metrics: readonly Reference[], path: string): Problem[] {
  const names = metrics.map(({ name, template }) => name ?? template);
  return names.flatMap((name, at) => {
    if (names.indexOf(name) === at) return [];
    const fix = 'Give it a name of its own.';
    return [{ path: `${path}.metrics[${at}].name`, expected: 'each metric once', got: name, fix }];
  });
}

/** Weights by which a faultless version could not reach 100, or which weigh nothing. */
function weightProblems({ weights }: AnalysisSpec, metrics: readonly SettledMetric[], path: string): Problem[] {
  const groups = [...new Set(metrics.filter(({ loop }) => !loop.isDryRun).map(({ group }) => group))];
  const unknown = Object.keys(weights).filter((name) => !groups.includes(name));
  const problems = unknown.map((name) =>
    unknownName(`${path}.weights.${name}`, 'group of a scored metric', name, groups),
  );
  const sum = Object.values(weights).reduce((total, weight) => total + weight, 0);
  const areAllWeighted = groups.length > 0 && groups.every((name) => Object.hasOwn(weights, name));
  const isWrong = Math.round(sum * 100) > 10_000 || (areAllWeighted && Math.round(sum * 100) < 10_000);
  if (!isWrong) return problems;
  const expected = areAllWeighted ? 'weights that add up to 100' : 'weights of at most 100 together';
  return [...problems, { path: `${path}.weights`, expected, got: String(sum), fix: 'Correct the weights.' }];
}
