import type { Tried } from '../../../activities/adapters/postgres/promotions.ts';
import type { StoredPlan } from '../../../activities/adapters/postgres/plans.ts';
import { SluiceError, sluiceError } from '#domain/errors/failure.ts';
import type { EngineDeps, Person } from '../engine.ts';
import { loadConfiguration } from '../environments/load-configuration.ts';
import { environmentNamed } from '../environments/load-environment.ts';
import { patientRead } from '../patient-read.ts';
import { plainText } from '../plain-text.ts';
import { executePlan, type StartedRun } from '../runs/execute-plan.ts';
import { draftPromotion, type Draft, type Route } from './draft-promotion.ts';
import { findOpenRun, type OpenRun } from './find-open-run.ts';
import { keepPlan, type KeptPlan } from './keep-plan.ts';
import { selectSources, type LeftOut } from './select-sources.ts';

export interface PromoteWish {
  readonly from: string;
  readonly to: string;
  /** An application, or a firmware; null: all that differ. */
  readonly subject: string | null;
  /** Null: what is in use. */
  readonly version: string | null;
  readonly reason: string | undefined;
  readonly person: Person;
  readonly isPlanOnly: boolean;
  readonly acceptNoWayBack: string | null;
}

/** What became of one version. */
export type Promotion = { readonly source: Tried } & (
  | (Planned & { readonly kind: 'planned' })
  | (Planned & { readonly kind: 'started'; readonly started: StartedRun })
  /** A run brings it there already. */
  | { readonly kind: 'under-way'; readonly open: OpenRun }
);

interface Planned {
  readonly stored: StoredPlan;
  /** The plan was made by an earlier promotion that did not start it. */
  readonly isFromBefore: boolean;
  readonly notes: readonly string[];
}

export interface Promotions {
  readonly from: string;
  readonly to: string;
  readonly promotions: readonly Promotion[];
  /** What was not asked for by name and did not pass. */
  readonly leftOut: readonly LeftOut[];
}

/**
 * Brings what passed in one environment into another by its digest, each with a run of its own, as `executePlan` starts it.
 * All plans are made before the first is stored; repeated after a death it goes on where it was. Throws PROMOTION_* naming what
 * is missing, ENVIRONMENT_UNKNOWN, APPLICATION_UNKNOWN, and as `createPlan` and `executePlan`.
 */
export async function promote(deps: EngineDeps, wish: PromoteWish): Promise<Promotions> {
  plainText(wish.reason ?? '', '--reason');
  const route = await findRoute(deps, wish);
  const { sources, leftOut } = await patientRead(deps, (pool) => selectSources(pool, route, wish));
  const ready: (Ready | Extract<Promotion, { kind: 'under-way' }>)[] = [];
  const nothingToDo: LeftOut[] = [];
  for (const source of sources) {
    try {
      ready.push(await prepare(deps, route, source));
    } catch (error) {
      if (wish.subject !== null || !isNoop(error)) throw error;
      const { subject, version } = source;
      nothingToDo.push({ subject, version, why: error.message });
    }
  }
  const promotions: Promotion[] = [];
  for (const one of ready) promotions.push(one.kind === 'under-way' ? one : await begin(deps, wish, one));
  return { from: wish.from, to: wish.to, promotions, leftOut: [...leftOut, ...nothingToDo] };
}

const isNoop = (error: unknown): error is SluiceError =>
  error instanceof SluiceError && error.code === 'PROMOTION_NOOP';

async function findRoute(deps: EngineDeps, { from, to, person, acceptNoWayBack }: PromoteWish): Promise<Route> {
  const whole = await patientRead(deps, loadConfiguration);
  const route = { from: environmentNamed(whole, from, '--from'), to: environmentNamed(whole, to, '--to') };
  if (from === to) throw sluiceError('PROMOTION_SAME_ENVIRONMENT', { environment: to });
  const [fromTarget, toTarget] = [route.from.target, route.to.target];
  if (fromTarget !== toTarget) throw sluiceError('PROMOTION_TARGETS_DIFFER', { from, fromTarget, to, toTarget });
  return { ...route, author: person.name, acceptNoWayBack };
}

interface Ready {
  readonly kind: 'ready';
  readonly source: Tried;
  readonly draft: Draft;
}

async function prepare(deps: EngineDeps, route: Route, source: Tried) {
  const open = await findOpenRun(deps, route.to, source);
  if (open !== null) return { kind: 'under-way', source, open } as const;
  return { kind: 'ready', source, draft: await draftPromotion(deps, route, source) } as const;
}

async function begin(deps: EngineDeps, wish: PromoteWish, { source, draft }: Ready): Promise<Promotion> {
  const kept: KeptPlan = await keepPlan(deps, draft.plan);
  const planned = { source, ...kept, notes: draft.notes };
  if (wish.isPlanOnly) return { kind: 'planned', ...planned };
  const { person, reason } = wish;
  const started = await executePlan(deps, { planId: kept.stored.plan.planId, person, reason, isOnly: true });
  return { kind: 'started', ...planned, notes: [...draft.notes, ...started.notes], started };
}
