import type { Target } from '../environments/environment.schema.ts';

/** The strategies of each target, in the order in which people are told of them. */
const STRATEGIES = {
  fleet: ['canary', 'rolling', 'immediate', 'blue_green'],
  docker: ['rolling', 'blue_green', 'canary', 'recreate', 'immediate'],
} as const;

type NameOn<On extends Target> = (typeof STRATEGIES)[On][number];
export type ContainerStrategyName = NameOn<'docker'>;

export type StrategyName<On extends Target> =
  | { readonly kind: 'known'; readonly name: NameOn<On> }
  /** A strategy of the other target. */
  | { readonly kind: 'elsewhere'; readonly name: string }
  | { readonly kind: 'unknown' };

export const strategiesOn = (target: Target): readonly string[] => STRATEGIES[target];

/** What was meant on `target` by any of the documents' spellings: `CANARY`, `Blue-Green`, `blue_green`. */
export function strategyNamed<On extends Target>(target: On, written: string): StrategyName<On> {
  const bare = bareName(written);
  const own: readonly NameOn<On>[] = STRATEGIES[target];
  const name = own.find((one) => bareName(one) === bare);
  if (name !== undefined) return { kind: 'known', name };
  const other = Object.values(STRATEGIES)
    .flat()
    .find((one) => bareName(one) === bare);
  return other === undefined ? { kind: 'unknown' } : { kind: 'elsewhere', name: other };
}

const bareName = (written: string): string => written.toLowerCase().replaceAll(/[-_\s]/g, '');
