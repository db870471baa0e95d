import type { SettledAnalysis } from '../analysis/analysis.ts';
import type { ContainerSpec, RegistryCredentials } from '../containers/container-spec.ts';
import type { EngineAddress } from '../containers/engine-address.ts';
import type { Probe } from '../containers/probe.ts';
import type { RouteMirror, RouteRules } from '../containers/route.ts';
import type { PinnedImage } from '../ports/container-engine.port.ts';
import type { PlanBase } from './plan-base.ts';

/** The release of one application in one environment. */
export interface ContainerPlan extends PlanBase {
  readonly kind: 'container-release';
  readonly application: PlannedApplication;
  readonly strategy: ContainerStrategy;
  /** What served when the plan was made: the version that a rollback returns to. Null: a first deployment. */
  readonly present: PresentRelease | null;
  readonly rules: ReleaseRules;
  /** Null judges by the rollback criteria alone. */
  readonly analysis: SettledAnalysis | null;
}

export interface PlannedApplication {
  readonly name: string;
  readonly version: string;
  /** As a person wrote it, with its tag. */
  readonly reference: string;
  readonly image: PinnedImage;
  readonly credentials: RegistryCredentials | null;
  readonly replicas: number;
  readonly container: ContainerSpec;
  readonly engines: readonly EngineAddress[];
  readonly readiness: Probe;
  readonly liveness: Probe;
  readonly drainMs: number;
  readonly routing: {
    /** Null takes the next free one, once and for all. */
    readonly listenPort: number | null;
    readonly previewPort: number | null;
    readonly rules: RouteRules;
    readonly mirror: RouteMirror | null;
    readonly maximumHeld: number;
  };
  readonly dependsOn: readonly string[];
  readonly critical: boolean;
}

export interface PresentRelease {
  readonly release: number;
  readonly version: string;
  readonly digest: string;
  readonly replicas: number;
}

export interface ReleaseRules {
  /** A newer version while this one is under way: it takes over, or is refused. */
  readonly whileRunning: 'queue' | 'supersede' | 'refuse';
  /** When the version in use is unhealthy before the switch: go on with the new one, or stop. */
  readonly badStable: 'go-on' | 'stop';
  /** Without any progress for so long the run fails. */
  readonly progressDeadlineMs: number;
  /** Runs that make a stable version of it again: these many are kept to go back to. */
  readonly keptReleases: number;
}

export type ContainerStrategy =
  | { readonly kind: 'first' }
  | { readonly kind: 'rolling'; readonly maxSurge: number; readonly maxUnavailable: number }
  | { readonly kind: 'blue_green'; readonly switchTimeoutMs: number }
  | { readonly kind: 'canary'; readonly weightsPercent: readonly number[] }
  | { readonly kind: 'recreate' }
  | { readonly kind: 'immediate' };
