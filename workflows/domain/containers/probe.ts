/** How an instance is asked whether it is well; addresses are those of the instance itself. */
export type Probe = { readonly timing: ProbeTiming } & (
  | { readonly kind: 'http'; readonly path: string; readonly expectedStatus: number }
  | { readonly kind: 'tcp' }
  /** Run inside the container; 0 is well. */
  | { readonly kind: 'command'; readonly command: readonly string[] }
);

export interface ProbeTiming {
  /** Between two questions once it is ready; before, it is asked as often as is useful. */
  readonly everyMs: number;
  readonly timeoutMs: number;
  /** Good answers in a row that make it ready. */
  readonly healthyAfter: number;
  /** Bad ones in a row after which a ready one counts as unhealthy. */
  readonly unhealthyAfter: number;
}

/** What a router asks its members. */
export interface RouteCheck {
  readonly path: string;
  readonly expectedStatus: number;
}

/** The same question for a router, null where an open port or a command is the proof: a router knows only paths. */
export const routeCheckOf = (probe: Probe): RouteCheck | null =>
  probe.kind === 'http' ? { path: probe.path, expectedStatus: probe.expectedStatus } : null;

/** True when a router can ask instances of both the same. */
export function isAskedAlike(one: Probe, other: Probe): boolean {
  const [mine, theirs] = [routeCheckOf(one), routeCheckOf(other)];
  return mine?.path === theirs?.path && mine?.expectedStatus === theirs?.expectedStatus;
}
