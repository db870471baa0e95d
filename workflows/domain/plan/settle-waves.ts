import { nearest, type Problem } from '../environments/problem.ts';
import { fleetStrategies, type FleetStrategyName } from '../strategies/fleet-strategies.ts';
import type { StrategyWaves } from '../strategies/strategy-input.ts';
import { strategyNamed } from '../strategies/strategy-names.ts';
import type { PlanFile } from './plan-file.schema.ts';

export interface SettledWaves extends StrategyWaves {
  readonly problems: readonly Problem[];
  readonly notes: readonly string[];
}

const NAMES = Object.keys(fleetStrategies);
const DEFAULT_PERCENT = { rollout: 100, canary: 10, batch: 10 };
const SWITCH_TIMEOUT_MS = 300_000;

/** The waves of the file's strategy. The caller has refused strategies that are not for fleets. */
export function settleWaves(file: PlanFile): SettledWaves {
  const named = strategyNamed('fleet', file.strategy);
  const strategy: FleetStrategyName = named.kind === 'known' ? named.name : 'canary';
  const rolloutPercentage = file.rollout_percentage ?? lastPercent(file) ?? DEFAULT_PERCENT.rollout;
  const settled = fleetStrategies[strategy]({
    rolloutPercentage,
    canaryPercentage: file.canary_percentage ?? DEFAULT_PERCENT.canary,
    batchPercentage: file.batch_percentage ?? DEFAULT_PERCENT.batch,
    switchTimeoutMs: file.switch_timeout ?? SWITCH_TIMEOUT_MS,
    waves: file.waves ?? null,
  });
  const problems = [
    ...(named.kind === 'known' ? [] : [unknownStrategy(file.strategy)]),
    ...(strategy === 'canary' ? tooLarge(file, 'canary_percentage', rolloutPercentage) : []),
    ...(strategy === 'rolling' ? tooLarge(file, 'batch_percentage', rolloutPercentage) : []),
    ...misplacedWaves(file, strategy),
  ];
  return { ...settled, problems, notes: notesOn(file, strategy) };
}

/** Waves by hand say themselves where the rollout ends. */
function lastPercent(file: PlanFile): number | undefined {
  const last = file.waves?.at(-1);
  return last?.kind === 'percent' ? last.percent : undefined;
}

function unknownStrategy(written: string): Problem {
  const near = nearest(written, NAMES);
  return {
    path: 'strategy',
    expected: `one of ${NAMES.join(', ')}`,
    got: JSON.stringify(written),
    fix: near === null ? 'Set strategy to canary.' : `Did you mean ${near}?`,
  };
}

function tooLarge(file: PlanFile, key: 'canary_percentage' | 'batch_percentage', rolloutPercentage: number): Problem[] {
  const given = file[key];
  if (given === undefined || given <= rolloutPercentage || file.waves) return [];
  const fix = `Lower ${key} or raise rollout_percentage.`;
  return [{ path: key, expected: `at most rollout_percentage (${rolloutPercentage})`, got: String(given), fix }];
}

function misplacedWaves(file: PlanFile, strategy: FleetStrategyName): Problem[] {
  if (file.waves && (strategy === 'immediate' || strategy === 'blue_green')) {
    const fix = 'Leave waves out, or set strategy to canary.';
    return [{ path: 'waves', expected: `no waves with strategy ${strategy}`, got: `${file.waves.length} waves`, fix }];
  }
  const last = lastPercent(file);
  if (last === undefined || file.rollout_percentage === undefined || last === file.rollout_percentage) return [];
  const fix = 'Leave rollout_percentage out: the waves say where the rollout ends.';
  return [
    { path: 'rollout_percentage', expected: `${last}, as the last wave`, got: String(file.rollout_percentage), fix },
  ];
}

/** A common example gives `canary_percentage` to a rolling plan: said, not refused. */
function notesOn(file: PlanFile, strategy: FleetStrategyName): string[] {
  const unused = (key: 'canary_percentage' | 'batch_percentage', user: FleetStrategyName): string[] => {
    if (file[key] === undefined) return [];
    if (file.waves) return [`${key} is not used: the plan gives its waves`];
    return strategy === user ? [] : [`${key} is not used by strategy ${strategy}`];
  };
  return [
    ...unused('canary_percentage', 'canary'),
    ...unused('batch_percentage', 'rolling'),
    ...(strategy === 'blue_green' ? notesOnSlots(file) : unusedTimeout(file, strategy)),
  ];
}

const unusedTimeout = ({ switch_timeout: given }: PlanFile, strategy: FleetStrategyName): string[] =>
  given === undefined ? [] : [`switch_timeout is not used by strategy ${strategy}`];

/** A rate is there for downloads. */
const notesOnSlots = ({ rate }: PlanFile): string[] =>
  rate === undefined ? [] : ['rate.maximum_per_minute limits the staging: the activation goes to all devices at once'];
