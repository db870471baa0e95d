import type { RouteCheck } from './probe.ts';
import type { Iso } from '../time.ts';

/** One of the two backends of an application: the version in use is in one, the next comes into the other. */
export type Arm = 'a' | 'b';

export const otherArm = (arm: Arm): Arm => (arm === 'a' ? 'b' : 'a');

/** All traffic, in basis points. */
export const ALL_TRAFFIC = 10_000;

export interface RouteMember {
  /** The container's name. */
  readonly name: string;
  readonly arm: Arm;
  readonly host: string;
  readonly port: number;
  /** 1 to 256, relative to the others of its arm. */
  readonly weight: number;
  /** `drain`: finishes what it has and gets nothing new. */
  readonly state: 'ready' | 'drain' | 'maint';
}

/** Clients that are sent to the coming version, or kept from it, whatever the weight says. */
export interface RouteRules {
  /** Header whose value `always` or `never` decides; `secret` must stand with it (a reference until the router gets it), null believes everybody. */
  readonly header: { readonly name: string; readonly secret: string | null } | null;
  /** Client ids (the header or cookie that makes cohorts) and addresses or networks that always get the coming version. */
  readonly allowClients: readonly string[];
  readonly allowNetworks: readonly string[];
  /** Header with the client's id, by which cohorts are made; without it a cookie is. */
  readonly clientIdHeader: string;
}

/** Copies of requests for the coming version while it gets no traffic yet: best effort, answers dropped. */
export interface RouteMirror {
  readonly percent: number;
  /** At most so many at once; more are dropped and counted. */
  readonly maximumInFlight: number;
}

/** How one application's traffic is to go: the whole of it, so that it can be compared with what is and applied again. */
export interface Route {
  /** `<environment>.<application>`. */
  readonly key: string;
  readonly environment: string;
  readonly application: string;
  /** Where clients reach it. */
  readonly listen: { readonly host: string; readonly port: number };
  /** Reaches the arm that is not in use; null when no preview is wanted. */
  readonly previewPort: number | null;
  /** Of the run that wrote it last; a lower one is refused. */
  readonly generation: number;
  readonly stableArm: Arm;
  /** Share of the other arm, 0 to 10000. */
  readonly canaryBasisPoints: number;
  /** Decides which clients come first; fixed for one rollout. */
  readonly cohortSeed: number;
  readonly members: readonly RouteMember[];
  readonly rules: RouteRules;
  readonly mirror: RouteMirror | null;
  /** While requests wait for the switch: released at the deadline, whatever has become of the engine. */
  readonly hold: { readonly until: Iso; readonly maximumQueued: number } | null;
  /** Null: an open port has to do. */
  readonly healthCheck: RouteCheck | null;
}

export const routeKey = (environment: string, application: string): string => `${environment}.${application}`;
