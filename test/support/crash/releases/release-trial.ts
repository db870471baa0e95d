// One release of the shop, driven through the engine's use cases while processes die.
import { executePlan, type StartedRun } from '../../../../client/engine/runs/execute-plan.ts';
import type { PlainCommand } from '../../../../client/engine/runs/command-run.ts';
import { LIN, type ContainerStack, type Place } from '../../containers/container-stack.ts';
import { readReleasePosition, type ReleasePosition } from '../../containers/release-rows.ts';
import { eventually } from '../../eventually.ts';
import { COMMAND_DEADLINE_MS, plainCommand, sendUntilTaken, type JudgedRun } from '../judged-run.ts';

export const REPLICAS = 3;

export interface ReleaseOptions {
  readonly version: string;
  /** As people write it. */
  readonly config: object;
}

/** A place whose first version serves, and the plan for another one. */
export class ReleaseTrial implements JudgedRun {
  readonly world: ContainerStack;
  readonly place: Place;
  readonly options: ReleaseOptions;
  /** The version that serves when the run starts. */
  readonly before: string;
  readonly taken: string[] = [];
  readonly #planId: string;
  #started: StartedRun | undefined;

  private constructor(world: ContainerStack, place: Place, plan: { planId: string; before: string } & ReleaseOptions) {
    this.world = world;
    this.place = place;
    this.options = plan;
    this.before = plan.before;
    this.#planId = plan.planId;
  }

  /** Plans it for a place where something serves. */
  static async open(world: ContainerStack, place: Place, options: ReleaseOptions): Promise<ReleaseTrial> {
    const before = (await world.releases(place)).find(({ state }) => state === 'stable');
    if (!before) throw new Error(`nothing serves in ${place.environment}`);
    const { plan } = await world.plan(place, options.version, options.config);
    return new ReleaseTrial(world, place, { ...options, planId: plan.planId, before: before.version });
  }

  get run(): string {
    return this.started.run;
  }

  get started(): StartedRun {
    if (!this.#started) throw new Error('the run has not started');
    return this.#started;
  }

  async execute(): Promise<void> {
    this.#started = await executePlan(this.world.deps, { planId: this.#planId, person: LIN });
  }

  /** How far the run is; waits for a database that is away. */
  position(): Promise<ReleasePosition> {
    return eventually(() => readReleasePosition(this.world.pool, this.run), COMMAND_DEADLINE_MS);
  }

  /** Resolves with the position at which `holds` is true first. Throws at the deadline, or when the run closes before. */
  async until(what: string, holds: (one: ReleasePosition) => boolean, deadlineMs: number): Promise<ReleasePosition> {
    let last = 'it was never seen';
    const found = await eventually(async () => {
      const position = await readReleasePosition(this.world.pool, this.run);
      last = describePosition(position);
      if (holds(position) || position.isClosed) return position;
      throw new Error(`not yet: ${what}; it is ${last}`);
    }, deadlineMs);
    if (!holds(found)) throw new Error(`the run is ${last} before ${what}`);
    return found;
  }

  untilClosed(deadlineMs: number): Promise<ReleasePosition> {
    return this.until('its end', ({ isClosed }) => isClosed, deadlineMs);
  }

  /** Sends a command with one id until the run has taken it. Throws the run's refusal. */
  command(name: PlainCommand): Promise<void> {
    return sendUntilTaken(this, name, plainCommand(name));
  }
}

export const describePosition = ({ phase, step, isClosed }: ReleasePosition): string =>
  isClosed ? phase : `${phase} at ${step ?? 'the start'}`;

/** A place with the first version serving in all replicas. */
export async function openTrialPlace(world: ContainerStack, name: string, version: string): Promise<Place> {
  const place = await world.openPlace({ name, replicas: REPLICAS });
  const { run } = await world.deploy(place, version);
  const end = await eventually(async () => {
    const position = await readReleasePosition(world.pool, run);
    if (!position.isClosed) throw new Error(`${version} is not out yet: ${describePosition(position)}`);
    return position;
  }, COMMAND_DEADLINE_MS);
  if (end.phase !== 'completed') throw new Error(`${version} could not be brought out: ${end.phase}`);
  return place;
}
