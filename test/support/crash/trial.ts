// One rollout on devices and in an environment of its own, driven through the engine's use cases while processes die.
import { join } from 'node:path';
import { ulid } from 'ulid';
import type { GateDecision } from '#domain/run/commands.ts';
import { isClosed, type Phase } from '#domain/run/run-state.ts';
import { createGroup } from '../../../client/engine/groups/create-group.ts';
import { awaitAllCredentials } from '../../../client/engine/devices/device-credentials.ts';
import { prepareSimulation } from '../../../client/engine/devices/simulated-fleet.ts';
import { applyConfiguration } from '../../../client/engine/environments/apply-configuration.ts';
import { createPlan } from '../../../client/engine/plans/create-plan.ts';
import type { PlainCommand } from '../../../client/engine/runs/command-run.ts';
import { executePlan, type StartedRun } from '../../../client/engine/runs/execute-plan.ts';
import { eventually } from '../eventually.ts';
import { Devices } from './devices.ts';
import { COMMAND_DEADLINE_MS, plainCommand, sendUntilTaken, type JudgedRun } from './judged-run.ts';
import { readPosition, type Position } from './run-rows.ts';
import { environmentOf, FAULTS, planOf, type TrialOptions } from './trial-options.ts';
import { HARDWARE, VERSIONS, type CrashWorld } from './world.ts';

const RETRY_MS = 500;
const LOOK_EVERY_MS = 50;

export class Trial implements JudgedRun {
  readonly world: CrashWorld;
  readonly options: TrialOptions;
  readonly devices: Devices;
  /** Ids of the commands that the run took. */
  readonly taken: string[] = [];
  readonly #planId: string;
  #started: StartedRun | undefined;

  private constructor(world: CrashWorld, options: TrialOptions, devices: Devices, planId: string) {
    this.world = world;
    this.options = options;
    this.devices = devices;
    this.#planId = planId;
  }

  /** Switches the devices on and makes the plan. */
  static async open(world: CrashWorld, options: TrialOptions): Promise<Trial> {
    const devices = await switchOn(world, options);
    try {
      await applyConfiguration(world.deps, { by: 'lin', file: { name: 'trial', content: environmentOf(options) } });
      const file = { name: 'plan', content: planOf(options) };
      const { plan } = await createPlan(world.deps, { file, author: 'lin', acceptNoWayBack: null });
      return new Trial(world, options, devices, plan.planId);
    } catch (error) {
      await devices.stop();
      throw error;
    }
  }

  get run(): string {
    return this.started.run;
  }

  get started(): StartedRun {
    if (!this.#started) throw new Error('the run has not started');
    return this.#started;
  }

  async execute(): Promise<void> {
    this.#started = await this.executeAnother();
  }

  /** One more run of the same plan, which the trial does not follow. */
  executeAnother(): Promise<StartedRun> {
    const person = { name: 'lin', roles: [], verified: false };
    return executePlan(this.world.deps, { planId: this.#planId, person });
  }

  /** How far the run is; waits for a database that is away. */
  position(): Promise<Position> {
    return eventually(() => readPosition(this.world.pool, this.run), COMMAND_DEADLINE_MS);
  }

  /** Resolves with the position at which `holds` is true first. Throws at the deadline, or when the run closes before. */
  async until(what: string, holds: (position: Position) => boolean, deadlineMs: number): Promise<Position> {
    const giveUpAt = Date.now() + deadlineMs;
    for (;;) {
      const position = await this.position();
      if (holds(position)) return position;
      if (position.isClosed) throw new Error(`the run is ${position.phase} before ${what}`);
      if (Date.now() > giveUpAt) throw new Error(`not within ${deadlineMs} ms: ${what}; it is ${describe(position)}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  /**
   * Resolves when the wave, or one after it, is under way: some of its devices were offered, and the rate limit keeps
   * others back.
   */
  untilMidWave(wave: number, deadlineMs: number): Promise<Position> {
    const isMid = (one: Position): boolean =>
      one.wave >= wave && one.waveOffered > 0 && one.waveOffered < one.waveTargets;
    return this.until(`the middle of wave ${wave}`, isMid, deadlineMs);
  }

  /** Resolves when the first install stands in the devices' ledger; needs nobody of the stack. */
  untilFirstInstall(deadlineMs: number): Promise<void> {
    return eventually(() => {
      if (!this.devices.ledger().some(({ event }) => event === 'installed')) throw new Error('nothing is installed');
    }, deadlineMs);
  }

  untilPhase(phase: Phase, deadlineMs: number): Promise<Position> {
    return this.until(`it is ${phase}`, (one) => one.phase === phase, deadlineMs);
  }

  /** Resolves when the run is paused and keeps everything queued from the devices. */
  untilHeld(deadlineMs: number): Promise<Position> {
    return this.until(
      'it is paused and holds its offers',
      (one) => one.phase === 'paused' && one.openInstalls === 0,
      deadlineMs,
    );
  }

  untilClosed(deadlineMs: number): Promise<Position> {
    return this.until('its end', (one) => one.isClosed, deadlineMs);
  }

  /** Sends a command with one id until the run has taken it. Throws the run's refusal. */
  command(name: PlainCommand): Promise<void> {
    return sendUntilTaken(this, name, plainCommand(name));
  }

  approve(): Promise<void> {
    const { digest } = this.started;
    const who = { by: 'ada', via: 'cli', roles: ['approver'], verified: false } as const;
    const decision: GateDecision = {
      commandId: ulid(),
      reason: 'fine',
      gate: null,
      decision: 'approve',
      digest,
      ...who,
    };
    return sendUntilTaken(this, 'decideGate', decision);
  }

  async close(): Promise<void> {
    await this.devices.stop();
  }
}

export function describe({ phase, step, offered, targets, succeeded, failed, ...one }: Position): string {
  const back = one.waysBack > 0 ? `, ${one.returned}/${one.waysBack} back` : '';
  const at = isClosed(phase) ? '' : ` at ${step ?? 'the start'}`;
  const bad = failed > 0 ? `, ${failed} failed` : '';
  return `${phase}${at}: ${succeeded}/${offered} offered of ${targets} done${bad}${back}`;
}

async function switchOn(world: CrashWorld, { name, devices, installMs, rebootMs }: TrialOptions): Promise<Devices> {
  const { deps, dataDirectory, env } = world;
  const shape = { hardware: HARDWARE, firmware: VERSIONS.before, tags: {} };
  const configuration = await prepareSimulation(deps, {
    selection: { kind: 'count', count: devices, prefix: name, ...shape },
    ledgerFile: join(dataDirectory, 'trials', `${name}.jsonl`),
    faults: [...FAULTS],
    timings: { installMs, rebootMs, retryMs: RETRY_MS, jitterMs: 200 },
  });
  await awaitAllCredentials(deps);
  await createGroup(deps, { name, filter: `device.thing.startsWith("${name}-")` });
  return Devices.start(configuration, env);
}
