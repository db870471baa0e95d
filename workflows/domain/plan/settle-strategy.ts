import { nearest, type Problem } from '../environments/problem.ts';
import { strategiesOn, strategyNamed, type ContainerStrategyName } from '../strategies/strategy-names.ts';
import type { ContainerStrategy, PresentRelease } from './container-plan.ts';
import type { ReleaseConfig } from './release-file.schema.ts';

export interface SettledStrategy {
  readonly strategy: ContainerStrategy;
  /** Of the strategy that was asked for, be it that a first deployment skips it. */
  readonly bakeMs: number;
  readonly problems: readonly Problem[];
  readonly notes: readonly string[];
}

const BAKE_MS: Readonly<Record<ContainerStrategyName, number>> = {
  canary: 300_000,
  rolling: 30_000,
  blue_green: 30_000,
  recreate: 0,
  immediate: 0,
};
const ALL_PERCENT = 100;

/** The strategy of a release; nothing in use yet skips whatever was asked for. */
export function settleStrategy(config: ReleaseConfig, present: PresentRelease | null): SettledStrategy {
  const named = strategyNamed('docker', config.strategy);
  const name = named.kind === 'known' ? named.name : 'rolling';
  const problems = [
    ...(named.kind === 'known' ? [] : [unknownStrategy(config.strategy)]),
    ...(name === 'rolling' ? noPace(config) : []),
  ];
  const bakeMs = config.bake ?? BAKE_MS[name];
  if (present === null) {
    const notes = [`strategy ${name} is skipped: nothing serves yet, so the first release goes out at once`];
    return { strategy: { kind: 'first' }, bakeMs: 0, problems, notes };
  }
  return { strategy: strategyOf(name, config), bakeMs, problems, notes: notesOn(name, config) };
}

function strategyOf(name: ContainerStrategyName, config: ReleaseConfig): ContainerStrategy {
  switch (name) {
    case 'rolling':
      return { kind: 'rolling', maxSurge: config.max_surge, maxUnavailable: config.max_unavailable };
    case 'blue_green':
      return { kind: 'blue_green', switchTimeoutMs: config.switch_timeout };
    case 'canary':
      return { kind: 'canary', weightsPercent: [...config.canary_steps, ...lastWeight(config)] };
    case 'recreate':
    case 'immediate':
      return { kind: name };
  }
}

/** A canary ends with all traffic. */
const lastWeight = ({ canary_steps: steps }: ReleaseConfig): number[] =>
  steps.at(-1) === ALL_PERCENT ? [] : [ALL_PERCENT];

function notesOn(name: ContainerStrategyName, config: ReleaseConfig): string[] {
  if (name !== 'canary' || lastWeight(config).length === 0) return [];
  return [`canary_steps end at ${config.canary_steps.at(-1)}: 100 % follows`];
}

function unknownStrategy(written: string): Problem {
  const known = strategiesOn('docker');
  const near = nearest(written, known);
  return {
    path: 'config.strategy',
    expected: `one of ${known.join(', ')}`,
    got: JSON.stringify(written),
    fix: near === null ? 'Set config.strategy to rolling.' : `Did you mean ${near}?`,
  };
}

function noPace({ max_surge: surge, max_unavailable: unavailable }: ReleaseConfig): Problem[] {
  if (surge > 0 || unavailable > 0) return [];
  const fix = 'With both 0 no instance could ever be replaced.';
  return [{ path: 'config.max_surge', expected: 'max_surge or max_unavailable above 0', got: 'both 0', fix }];
}
