// What only the person who wants a plan can know, asked with the choices that the registry has.
import type { z } from 'zod';
import type { Target } from '#domain/environments/environment.schema.ts';
import { describeProblem, nearest } from '#domain/environments/problem.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import { PlanFile } from '#domain/plan/plan-file.schema.ts';
import { ReleaseFile } from '#domain/plan/release-file.schema.ts';
import { strategiesOn, strategyNamed } from '#domain/strategies/strategy-names.ts';
import { problemsOf } from '../environments/problems.ts';
import type { PlanChoices } from './plan-choices.ts';

export interface Choice {
  readonly value: string;
  readonly about: string;
}

export interface Question {
  readonly title: string;
  /** None where any text that the rule takes is an answer. */
  readonly choices: readonly Choice[];
  /** What no answer means; null when there has to be one. */
  readonly fallback: string | null;
  /** The file's own rule: the answer as it will stand there, or why it is refused. */
  readonly read: (answer: string) => Answer;
}

export type Answer =
  { readonly kind: 'taken'; readonly value: string } | { readonly kind: 'refused'; readonly why: string };

/** Asks a person until an answer is taken. */
export type Ask = (question: Question) => Promise<string>;

/** The plan file that follows from the answers. Throws NOTHING_TO_CHOOSE, and whatever `ask` throws. */
export async function askForPlan(choices: PlanChoices, ask: Ask): Promise<object> {
  const environments = choices.environments.map(({ name, target }) => ({ value: name, about: TARGETS[target] }));
  const environment = await oneOf(ask, 'environment', environments);
  const target = choices.environments.find(({ name }) => name === environment)?.target ?? 'fleet';
  return target === 'docker' ? askForRelease(choices, ask, environment) : askForRollout(choices, ask, environment);
}

const TARGETS: Readonly<Record<Target, string>> = { fleet: 'devices', docker: 'containers' };

async function askForRollout({ firmware: all }: PlanChoices, ask: Ask, environment: string): Promise<object> {
  const versionsOf = (name: string) => all.filter((one) => one.name === name).map(({ version }) => version);
  const names = [...new Set(all.map(({ name }) => name))].sort();
  const counted = names.map((value) => ({ value, about: versionsOf(value).join(', ') }));
  const firmware = await oneOf(ask, 'firmware', counted);
  const versions = versionsOf(firmware).map((value) => ({ value, about: '' }));
  const version = await oneOf(ask, 'firmware version', versions);
  const strategy = await askForStrategy(ask, 'fleet', 'canary');
  const named = { title: 'name of the plan', choices: [], fallback: `${firmware} ${version} to ${environment}` };
  const name = await ask({ ...named, read: ruleOf(PlanFile.shape.name) });
  return { name, firmware, firmware_version: version, target_environment: environment, strategy };
}

async function askForRelease({ applications }: PlanChoices, ask: Ask, environment: string): Promise<object> {
  const known = applications.map((value) => ({ value, about: '' }));
  const application = await oneOf(ask, 'application', known);
  const tag = { title: 'version (the tag of its image)', choices: [], fallback: null };
  const version = await ask({ ...tag, read: ruleOf(ReleaseFile.shape.version) });
  const strategy = await askForStrategy(ask, 'docker', 'rolling');
  return { application, version, environment, config: { strategy } };
}

function askForStrategy(ask: Ask, target: Target, fallback: string): Promise<string> {
  const choices = strategiesOn(target).map((value) => ({ value, about: '' }));
  const read = (answer: string): Answer => {
    const named = strategyNamed(target, answer);
    return named.kind === 'known' ? { kind: 'taken', value: named.name } : unknown('strategy', answer, choices);
  };
  return ask({ title: 'strategy', choices, fallback, read });
}

/** The one that there is needs no question. */
async function oneOf(ask: Ask, title: string, choices: readonly Choice[]): Promise<string> {
  const [first, second] = choices;
  if (first === undefined) throw sluiceError('NOTHING_TO_CHOOSE', { what: title });
  if (second === undefined) return first.value;
  const read = (answer: string): Answer =>
    choices.some(({ value }) => value === answer) ? { kind: 'taken', value: answer } : unknown(title, answer, choices);
  return ask({ title, choices, fallback: null, read });
}

function unknown(title: string, answer: string, choices: readonly Choice[]): Answer {
  const known = choices.map(({ value }) => value);
  const near = nearest(answer, known);
  const why =
    near === null ? `no such ${title}; one of: ${known.join(', ')}` : `no such ${title}; did you mean ${near}?`;
  return { kind: 'refused', why };
}

/** The rule of the plan file for one of its keys. */
function ruleOf(field: z.ZodType): (answer: string) => Answer {
  return (answer) => {
    const result = field.safeParse(answer);
    if (result.success) return { kind: 'taken', value: answer };
    return { kind: 'refused', why: problemsOf(result.error, answer).map(describeProblem).join('; ') };
  };
}
