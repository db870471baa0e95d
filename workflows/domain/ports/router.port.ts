import type { Arm, Route } from '../containers/route.ts';

export interface ObservedMember {
  readonly name: string;
  readonly arm: Arm;
  readonly host: string;
  readonly port: number;
  readonly weight: number;
  readonly state: 'ready' | 'drain' | 'maint';
  /** Up by a check's result, not by assumption. */
  readonly up: boolean;
  /** Requests and connections under way. */
  readonly inFlight: number;
  readonly counters: MemberCounters;
}

/** Of one member since the router knows it; back to zero when the router is restarted. */
export interface MemberCounters {
  readonly requests: number;
  readonly answers5xx: number;
  /** Connections that were refused or reset, and answers that did not come. */
  readonly failures: number;
  /** Mean over the last 1,024 requests. */
  readonly responseTimeMs: number;
}

/** What the router really does. */
export interface ObservedRoute {
  readonly key: string;
  readonly stableArm: Arm;
  readonly canaryBasisPoints: number;
  readonly members: readonly ObservedMember[];
  readonly heldRequests: number;
  readonly isHolding: boolean;
}

export interface RouterFacts {
  readonly version: string;
  readonly pid: number;
  readonly uptimeSeconds: number;
}

/**
 * The router of one machine. Errors are the catalogue's: ROUTER_UNREACHABLE (tried again), ROUTE_FENCED (a higher
 * generation has written), ROUTER_REFUSED, PORT_TAKEN.
 */
export interface Router {
  facts(): Promise<RouterFacts>;
  /**
   * Brings the router to `route`: files first, then the running process, then a look whether it is so. Repeated freely.
   * Only a new application, another port or other rules cost a reload.
   */
  apply(route: Route): Promise<void>;
  /** Takes an application out of the router; its port is free afterwards. */
  remove(key: string, generation: number): Promise<void>;
  /** Compares all of `routes` with what is and applies the differences; true when there were any. For restarts. */
  reconcile(routes: readonly Route[]): Promise<boolean>;
  observe(key: string): Promise<ObservedRoute>;
  /** The route as it was told last, from what outlives its process; null when there is none. For a database that lost it. */
  written(key: string): Promise<Route | null>;
  /** Cuts what still runs on members whose drain has run out of time. */
  cutSessions(key: string, names: readonly string[]): Promise<void>;
}
