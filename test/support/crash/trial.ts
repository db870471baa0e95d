// One rollout on devices and in an environment of its own, driven through the engine's use cases while processes die.
import { join } from 'node:path';
import { ulid } from 'ulid';
import type { AnyCommand, GateDecision } from '#domain/run/commands.ts';
import { isClosed } from '#domain/run/run-state.ts';
import { createGroup } from '../../../client/engine/groups/create-group.ts';
import { awaitAllCredentials } from '../../../client/engine/devices/device-credentials.ts';
import { prepareSimulation } from '../../../client/engine/devices/simulated-fleet.ts';
import { applyConfiguration } from '../../../client/engine/environments/apply-configuration.ts';
import { createPlan } from '../../../client/engine/plans/create-plan.ts';
import type { PlainCommand } from '../../../client/engine/runs/command-run.ts';
import { executePlan, type StartedRun } from '../../../client/engine/runs/execute-plan.ts';
import { findRun } from '../../../client/engine/runs/find-run.ts';
import { sendCommand, type CommandAnswer } from '../../../client/engine/runs/send-command.ts';
import { SluiceError } from '#domain/errors/failure.ts';
import { eventually } from '../eventually.ts';
import { Devices } from './devices.ts';
import { readPosition, type Position } from './run-rows.ts';
import { FIRMWARE, HARDWARE, VERSIONS, type CrashWorld } from './world.ts';

export interface TrialOptions {
  /** Prefix of its devices, name of its group and environment. */
  readonly name: string;
  readonly devices: number;
  readonly version: typeof VERSIONS.good | typeof VERSIONS.bad;
  readonly needsApproval: boolean;
  readonly maximumPerMinute: number | null;
  readonly bake: '0s' | '1s';
  readonly installMs: number;
  readonly rebootMs: number;
}

export const STANDARD_TRIAL = {
  devices: 20,
  version: VERSIONS.good,
  needsApproval: false,
  maximumPerMinute: 240,
  bake: '0s',
  installMs: 200,
  rebootMs: 50,
} as const satisfies Omit<TrialOptions, 'name'>;

/** Share of the devices that boot-loop with the bad version. */
const FAILING_PERCENT = 60;
const RETRY_MS = 500;
const COMMAND_DEADLINE_MS = 120_000;

export class Trial {
  readonly world: CrashWorld;
  readonly options: TrialOptions;
  readonly devices: Devices;
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
    const person = { name: 'lin', roles: [], verified: false };
    this.#started = await executePlan(this.world.deps, { planId: this.#planId, person });
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
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Resolves when some devices of the wave have succeeded and some have not. */
  untilMidWave(wave: number, deadlineMs: number): Promise<Position> {
    const isMid = (one: Position): boolean =>
      one.wave === wave && one.waveSucceeded > 0 && one.waveSucceeded < one.waveTargets;
    return this.until(`wave ${wave} is half done`, isMid, deadlineMs);
  }

  untilPhase(phase: string, deadlineMs: number): Promise<Position> {
    return this.until(`it is ${phase}`, (one) => one.phase === phase, deadlineMs);
  }

  untilClosed(deadlineMs: number): Promise<Position> {
    return this.until('its end', (one) => one.isClosed, deadlineMs);
  }

  /** Sends a command with one id until somebody answers it. Throws the run's refusal. */
  command(name: PlainCommand): Promise<CommandAnswer> {
    return this.#send(name, { commandId: ulid(), by: 'ada', via: 'cli', verified: false, reason: name });
  }

  approve(): Promise<CommandAnswer> {
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
    return this.#send('decideGate', decision);
  }

  async #send(name: PlainCommand | 'decideGate', args: AnyCommand): Promise<CommandAnswer> {
    const giveUpAt = Date.now() + COMMAND_DEADLINE_MS;
    for (;;) {
      try {
        return await sendCommand(this.world.deps, await findRun(this.world.deps, this.run), { name, args });
      } catch (error) {
        if (isRefusal(error) || Date.now() > giveUpAt) throw error;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  async close(): Promise<void> {
    await this.devices.stop();
  }
}

/** The run's own no; anything else means that nobody answered. */
const isRefusal = (error: unknown): boolean => error instanceof SluiceError && /^(RUN|GATE|APPROVAL)_/.test(error.code);

export function describe({ phase, step, offered, targets, succeeded, failed, ...one }: Position): string {
  const back = one.waysBack > 0 ? `, ${one.returned}/${one.waysBack} back` : '';
  const at = isClosed(phase as never) ? '' : ` at ${step ?? 'the start'}`;
  const bad = failed > 0 ? `, ${failed} failed` : '';
  return `${phase}${at}: ${succeeded}/${offered} offered of ${targets} done${bad}${back}`;
}

async function switchOn(world: CrashWorld, { name, devices, installMs, rebootMs }: TrialOptions): Promise<Devices> {
  const { deps, dataDirectory, env } = world;
  const shape = { hardware: HARDWARE, firmware: VERSIONS.before, tags: {} };
  const configuration = await prepareSimulation(deps, {
    selection: { kind: 'count', count: devices, prefix: name, ...shape },
    ledgerFile: join(dataDirectory, 'trials', `${name}.jsonl`),
    faults: [{ mode: 'boot-loop', version: VERSIONS.bad, percent: FAILING_PERCENT }],
    timings: { installMs, rebootMs, retryMs: RETRY_MS, jitterMs: 200 },
  });
  await awaitAllCredentials(deps);
  await createGroup(deps, { name, filter: `device.thing.startsWith("${name}-")` });
  return Devices.start(configuration, env);
}

const environmentOf = ({ name, needsApproval }: TrialOptions): string =>
  JSON.stringify({
    environments: { [name]: { stage: 'production', device_groups: [name], approval_required: needsApproval } },
    people: { ada: { roles: ['approver'] } },
  });

const planOf = ({ name, version, maximumPerMinute, bake }: TrialOptions): string =>
  JSON.stringify({
    name,
    firmware: FIRMWARE,
    firmware_version: version,
    target_environment: name,
    strategy: 'canary',
    waves: [20, 60, 100],
    bake,
    ...(maximumPerMinute !== null && { rate: { maximum_per_minute: maximumPerMinute } }),
    rollback_criteria: { max_failure_rate: 10, minimum_executed: 3 },
  });
