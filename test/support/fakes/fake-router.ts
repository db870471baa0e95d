import type { Route } from '#domain/containers/route.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import type { MemberCounters, ObservedMember, ObservedRoute, Router, RouterFacts } from '#domain/ports/router.port.ts';
import { checkRoute } from '../../../activities/adapters/haproxy/check-route.ts';

const NOTHING_COUNTED: MemberCounters = { requests: 0, answers5xx: 0, failures: 0, responseTimeMs: 0 };

interface Running {
  /** Of the route as it runs: like the desired one, unless somebody has meddled. */
  readonly route: Route;
  /** Taken out, but with requests that still run. */
  readonly leaving: readonly Route['members'][number][];
}

/** A router in memory: the same refusals and states as the real one, and a test decides what its members and clients do. */
export class FakeRouter implements Router {
  /** Every route that was written, in order. */
  readonly applied: Route[] = [];
  /** Calls of `cutSessions`, in order. */
  readonly cuts: { readonly key: string; readonly names: readonly string[] }[] = [];
  /** Ports of other programs. */
  readonly takenPorts = new Set<number>();
  private readonly now: () => number;
  private readonly desired = new Map<string, Route>();
  private readonly removed = new Map<string, number>();
  private readonly running = new Map<string, Running>();
  private readonly down = new Set<string>();
  private readonly inFlight = new Map<string, number>();
  private readonly held = new Map<string, number>();
  private readonly counted = new Map<string, MemberCounters>();
  private pid = 1;
  private startedAtMs: number;
  private isReachable = true;

  constructor(now: () => number = Date.now) {
    this.now = now;
    this.startedAtMs = now();
  }

  /** A member whose checks fail, or pass again. */
  setUp(member: string, isUp: boolean): void {
    if (isUp) this.down.delete(member);
    else this.down.add(member);
  }

  setInFlight(member: string, requests: number): void {
    this.inFlight.set(member, requests);
  }

  /** Requests that wait while the route holds. */
  setHeld(key: string, requests: number): void {
    this.held.set(key, requests);
  }

  /** Adds to what a member has counted. */
  count(member: string, { requests, ...added }: { readonly requests: number } & Partial<MemberCounters>): void {
    const before = this.counted.get(member) ?? NOTHING_COUNTED;
    this.counted.set(member, { ...before, ...added, requests: before.requests + requests });
  }

  /** Changes what runs behind the router's back. */
  meddle(key: string, change: (route: Route) => Route): void {
    const running = this.running.get(key);
    if (running) this.running.set(key, { ...running, route: change(running.route) });
  }

  stop(): void {
    this.isReachable = false;
  }

  /** A new process with the routes that were written, and counters at zero. */
  start(): void {
    this.isReachable = true;
    this.pid += 1;
    this.startedAtMs = this.now();
    this.counted.clear();
    this.inFlight.clear();
    this.held.clear();
    this.running.clear();
    for (const [key, route] of this.desired) this.running.set(key, { route, leaving: [] });
  }

  async facts(): Promise<RouterFacts> {
    this.reach();
    const uptimeSeconds = Math.floor((this.now() - this.startedAtMs) / 1000);
    return { version: 'fake', pid: this.pid, uptimeSeconds };
  }

  async apply(route: Route): Promise<void> {
    checkRoute(route);
    this.reach();
    this.fence(route.key, route.generation);
    this.checkPorts(route);
    this.write(route);
  }

  async remove(key: string, generation: number): Promise<void> {
    this.reach();
    this.fence(key, generation);
    this.desired.delete(key);
    this.running.delete(key);
    this.removed.set(key, generation);
  }

  async reconcile(routes: readonly Route[]): Promise<boolean> {
    routes.forEach(checkRoute);
    this.reach();
    for (const route of routes) if (!this.hasPorts(route)) this.checkPorts(route);
    let hasChanged = false;
    for (const given of routes) {
      const isLater = given.generation > this.writtenGeneration(given.key);
      const route = isLater ? given : this.desired.get(given.key);
      if (!route) continue;
      hasChanged ||= JSON.stringify(this.running.get(given.key)?.route) !== JSON.stringify(route);
      this.write(route);
    }
    return hasChanged;
  }

  async observe(key: string): Promise<ObservedRoute> {
    const { route, leaving } = this.known(key);
    const still = leaving.filter(({ name }) => (this.inFlight.get(name) ?? 0) > 0);
    const isHolding = route.hold !== null && Date.parse(route.hold.until) > this.now();
    return {
      key,
      stableArm: route.stableArm,
      canaryBasisPoints: route.canaryBasisPoints,
      members: [...route.members, ...still].map((member): ObservedMember => ({
        ...member,
        up: member.state !== 'maint' && !this.down.has(member.name),
        inFlight: this.inFlight.get(member.name) ?? 0,
        counters: this.counted.get(member.name) ?? NOTHING_COUNTED,
      })),
      heldRequests: isHolding ? (this.held.get(key) ?? 0) : 0,
      isHolding,
    };
  }

  async written(key: string): Promise<Route | null> {
    return this.desired.get(key) ?? null;
  }

  async cutSessions(key: string, names: readonly string[]): Promise<void> {
    this.known(key);
    this.cuts.push({ key, names });
    for (const name of names) this.inFlight.delete(name);
  }

  private write(route: Route): void {
    const before = this.running.get(route.key);
    const isKept = (name: string) => route.members.some((member) => member.name === name);
    const gone = [...(before?.leaving ?? []), ...(before?.route.members ?? [])].filter(({ name }) => !isKept(name));
    const leaving = gone.map((member) => ({ ...member, state: 'maint' as const }));
    this.applied.push(route);
    this.removed.delete(route.key);
    this.desired.set(route.key, route);
    this.running.set(route.key, { route, leaving });
  }

  private known(key: string): Running {
    this.reach();
    const running = this.running.get(key);
    if (!running) throw sluiceError('ROUTE_UNKNOWN', { key });
    return running;
  }

  private reach(): void {
    if (!this.isReachable) throw sluiceError('ROUTER_UNREACHABLE', { socket: 'memory', why: 'it was stopped' });
  }

  private writtenGeneration(key: string): number {
    return Math.max(this.desired.get(key)?.generation ?? -1, this.removed.get(key) ?? -1);
  }

  private fence(key: string, generation: number): void {
    const written = this.writtenGeneration(key);
    if (generation < written) throw sluiceError('ROUTE_FENCED', { key, generation, written });
  }

  /** Its own ports are no longer free for anybody. */
  private hasPorts({ key, listen, previewPort }: Route): boolean {
    const desired = this.desired.get(key);
    return desired?.listen.port === listen.port && desired.previewPort === previewPort;
  }

  private checkPorts({ key, listen, previewPort }: Route): void {
    const others = [...this.desired.values()].filter((route) => route.key !== key);
    for (const port of [listen.port, previewPort].filter((each) => each !== null)) {
      const rival = others.find((route) => route.listen.port === port || route.previewPort === port);
      const by = rival ? `${rival.key} has it` : 'another program listens there';
      if (rival || this.takenPorts.has(port)) throw sluiceError('PORT_TAKEN', { key, host: listen.host, port, by });
    }
  }
}
