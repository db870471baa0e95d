/** One simulated device: two slots, a boot loader and a power switch. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent } from './agent.ts';
import type { Device } from './config.schema.ts';
import { Connection } from './connection.ts';
import { chooseBoot } from './decide.ts';
import type { Boot } from './decide.ts';
import type { Flash } from './flash.ts';
import { Session } from './session.ts';
import { DeviceState } from './state.ts';
import type { World } from './state.ts';

export class SimulatedDevice {
  readonly #world: World;
  readonly #state: DeviceState;
  readonly #power = new AbortController();
  #connection: Connection | undefined;
  #isHeld = false;
  #repeatedRequests = 0;

  constructor(world: World, spec: Device, flash: Flash) {
    this.#world = world;
    this.#state = new DeviceState(world, spec, flash);
  }

  get thing(): string {
    return this.#state.spec.thing;
  }

  get repeatedRequests(): number {
    return this.#repeatedRequests + (this.#connection?.requests.repeated ?? 0);
  }

  /** Boots and works until `stop`. Calls `onConnected` at every boot that reached the broker. Rejects on a broken ledger. */
  async run(onConnected: () => void): Promise<void> {
    try {
      while (!this.#power.signal.aborted) await this.#powerCycle(onConnected);
    } catch (cause) {
      if (!this.#power.signal.aborted) throw cause;
    }
  }

  stop(): void {
    this.#power.abort();
    this.#connection?.powerOff();
  }

  /** Cuts the device's network until `reconnect`, reboots included. */
  disconnect(): void {
    this.#isHeld = true;
    this.#connection?.hold();
  }

  reconnect(): void {
    this.#isHeld = false;
    this.#connection?.release();
  }

  async #powerCycle(onConnected: () => void): Promise<void> {
    const boot = await this.#bootLoader();
    this.#power.signal.throwIfAborted();
    const connection = this.#plugIn();
    try {
      await connection.powerOn();
      onConnected();
      await this.#runFirmware(boot, connection);
    } finally {
      connection.powerOff();
      this.#repeatedRequests += connection.requests.repeated;
      this.#connection = undefined;
    }
    await sleep(this.#world.timings.rebootMs, undefined, { signal: this.#power.signal });
  }

  /** Picks the slot and writes down what that decides. */
  async #bootLoader(): Promise<Boot> {
    const { flash, crashes } = this.#state;
    const { last } = flash;
    if (last === undefined) return 'as-before';
    const boot = chooseBoot(flash, this.#state.faultsOf(last.version), crashes);
    const { jobId, version } = last;
    if (boot === 'new-slot') await this.#state.write({ jobId, version, event: 'booted' });
    if (boot === 'fall-back') await this.#state.write({ jobId, version: flash.running, event: 'reverted' });
    return boot;
  }

  async #runFirmware(boot: Boot, connection: Connection): Promise<void> {
    const agent = new Agent(this.#world, this.#state, connection, this.#power.signal);
    if (boot !== 'crash') {
      const session = new Session(agent);
      this.#onWake = (wake) => session.wake(wake);
      return session.work();
    }
    // It lives long enough to ask for work, never long enough to do any: that is all a server sees of a boot loop.
    await agent.startNext();
    this.#state.crashes++;
    const jobId = this.#state.flash.last?.jobId ?? '';
    this.#world.emit({ event: 'crashed', thing: this.thing, jobId, during: 'boot' });
  }

  #onWake: Session['wake'] = () => undefined;

  #plugIn(): Connection {
    const { spec } = this.#state;
    this.#onWake = () => undefined;
    const connection = new Connection(this.#world.network, spec, {
      onOffer: (execution) => execution !== undefined && this.#onWake({ kind: 'offer', execution }),
      onReconnect: () => this.#onWake({ kind: 'reconnected' }),
      onFailure: (message) => this.#world.emit({ event: 'connect-failed', thing: spec.thing, message }),
    });
    if (this.#isHeld) connection.hold();
    this.#connection = connection;
    return connection;
  }
}
