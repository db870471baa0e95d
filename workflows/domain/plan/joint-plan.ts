import type { PlanId } from '../ids.ts';
import type { PlanBase } from './plan-base.ts';

/** Several applications that go out together: in the order of what they need, with one verdict. */
export interface JointPlan extends PlanBase {
  readonly kind: 'joint-release';
  /** As people name it; `version` says how many applications it brings. */
  readonly release: { readonly name: string; readonly version: string };
  /** What its readers should know. */
  readonly notes: string;
  readonly strategy: { readonly kind: 'in-order' };
  /** It takes a completed release back: nothing holds it, and what fails is asked about instead of undone. */
  readonly isWayBack?: true;
  /** In the order in which they go out. */
  readonly members: readonly PlannedMember[];
}

/** One application of it. Its plan is stored by itself; the digest here makes it part of this one. */
export interface PlannedMember {
  readonly application: string;
  readonly version: string;
  readonly planId: PlanId;
  readonly digest: string;
  /** 1-based; those of one wave go out at the same time. */
  readonly wave: number;
  /** Members that have to be in use before, by way of other applications too. */
  readonly needs: readonly string[];
  readonly critical: boolean;
  /** `canary`, `rolling` …; `first` where nothing serves. */
  readonly strategy: string;
  readonly replicas: number;
  /** What served when the plan was made; null: nothing, so there is nothing to go back to. */
  readonly before: { readonly release: number; readonly version: string } | null;
}
