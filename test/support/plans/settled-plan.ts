import { parse } from 'yaml';
import { ConfigurationFile } from '#domain/environments/configuration.schema.ts';
import { environmentOf } from '#domain/environments/environment.ts';
import type { DeviceSelection } from '#domain/plan/plan.ts';
import { PlanFile } from '#domain/plan/plan-file.schema.ts';
import { settleOptions, type RolloutOptions } from '#domain/plan/rollout-options.ts';
import type { ApproveStep, GateStep, OfferStep, Step } from '#domain/plan/steps.ts';

/** What stands in the three files, as written. */
export interface Written {
  readonly plan?: object;
  readonly environment?: object;
  readonly configuration?: string;
  /** The devices of each wave, once they are counted. */
  readonly counted?: DeviceSelection;
}

function settled({ plan = {}, environment = {}, configuration = '', counted }: Written) {
  const file = PlanFile.parse({
    name: 'p',
    firmware_version: '1.1.0',
    target_environment: 'e',
    strategy: 'canary',
    ...plan,
  });
  const all = ConfigurationFile.parse({ ...(parse(configuration) as object | null), environments: { e: environment } });
  const spec = all.environments?.['e'];
  if (!spec) throw new Error('no environment');
  const sources = { file, environment: environmentOf('e', spec), configuration: all };
  return settleOptions(counted ? { ...sources, counted } : sources);
}

/** The options of a plan that is accepted. */
export function options(written: Written): RolloutOptions {
  const result = settled(written);
  if (result.kind === 'refused') throw new Error(JSON.stringify(result.problems));
  return result.options;
}

/** `path: expected` of each problem of a plan that is refused; none when it is accepted. */
export function problems(written: Written): string[] {
  const result = settled(written);
  return result.kind === 'refused' ? result.problems.map(({ path, expected }) => `${path}: ${expected}`) : [];
}

export const ids = (steps: readonly Step[]): string[] => steps.map(({ id }) => id);
export const offers = (steps: readonly Step[]) => steps.filter((step): step is OfferStep => step.kind === 'offer');
export const approvals = (steps: readonly Step[]) =>
  steps.filter((step): step is ApproveStep => step.kind === 'approve');
export const gates = (steps: readonly Step[]) => steps.filter((step): step is GateStep => step.kind === 'gate');
