/** What a device does between one boot and the next: concludes the last install, works, waits to be called. */
import type { Agent } from './agent.ts';
import { concludeInstall, decide } from './decide.ts';
import type { Action, Situation } from './decide.ts';
import type { LastInstall } from './flash.ts';
import { activate, install, stage } from './install.ts';
import type { Next } from './install.ts';
import type { Execution } from './wire.schema.ts';

/** Why an idle device looks up: it was offered work, or its network is back and it may have missed an offer. */
export type Wake = { readonly kind: 'offer'; readonly execution: Execution } | { readonly kind: 'reconnected' };

export class Session {
  readonly #agent: Agent;
  #wake: Wake | undefined;
  #started: Pick<Execution, 'jobId' | 'versionNumber'> | undefined;
  #onWake: (() => void) | undefined;

  constructor(agent: Agent) {
    this.#agent = agent;
  }

  /** Resolves when the device has to be switched off and on. Rejects when it was switched off. */
  async work(): Promise<void> {
    let execution = await this.#afterBoot();
    for (;;) {
      const next = execution === undefined ? 'wait' : await this.#handle(execution);
      if (next === 'power-cycle') return;
      execution = next === 'wait' ? await this.#nextOffer() : await this.#startNext();
    }
  }

  wake(wake: Wake): void {
    this.#wake = wake;
    this.#onWake?.();
  }

  async #startNext(): Promise<Execution | undefined> {
    // Whatever was announced until now, the answer will know of it.
    this.#wake = undefined;
    const execution = await this.#agent.startNext();
    if (execution !== undefined) this.#started = { jobId: execution.jobId, versionNumber: execution.versionNumber };
    return execution;
  }

  /**
   * The first execution of this boot. An install whose outcome the server was not told is concluded first, even when the
   * job is no longer the device's: the refusal it gets is how the server learns which firmware may be running.
   */
  async #afterBoot(): Promise<Execution | undefined> {
    const { flash, isOutcomeTold, endedJobId } = this.#agent.state;
    const { last } = flash;
    if (isOutcomeTold || last === undefined) return this.#startNext();
    if (endedJobId === last.jobId) {
      await this.#concludeLate(last);
      return this.#startNext();
    }
    const execution = await this.#startNext();
    if (execution?.jobId === last.jobId) return execution;
    await this.#concludeLate(last);
    return execution ?? (await this.#startNext());
  }

  async #concludeLate({ jobId, version, outcome }: LastInstall): Promise<void> {
    const { state } = this.#agent;
    const action = concludeInstall(state.flash, version, outcome, state.faultsOf(version));
    if (action.kind === 'conclude') await this.#agent.conclude({ jobId, versionNumber: undefined }, action.verdict);
  }

  async #handle(execution: Execution): Promise<Next> {
    const action = decide(this.#situation(), execution);
    switch (action.kind) {
      case 'install':
        return install(this.#agent, execution, action.document);
      case 'stage':
        return stage(this.#agent, execution, action.document);
      case 'activate':
        return activate(this.#agent, execution, action.document);
      case 'conclude':
        await this.#agent.conclude(execution, action.verdict);
        return 'ask';
      case 'go-offline':
        await this.#goOffline(execution, action);
        return 'wait';
      case 'stay-silent':
        this.#agent.world.emit({ event: 'silent', thing: this.#agent.state.spec.thing, jobId: execution.jobId });
        return 'wait';
    }
  }

  /** Waits for work. Only a queued execution needs `start-next`: asking for one in progress reads as another boot. */
  async #nextOffer(): Promise<Execution | undefined> {
    for (;;) {
      const wake = await this.#sleepUntilWoken();
      const offered = wake.kind === 'offer' ? wake.execution : await this.#agent.describeNext();
      if (offered === undefined || this.#isOlderThanStarted(offered)) continue;
      if (offered.status !== 'QUEUED') {
        // An announcement may be older than the last report; what was just asked for is not.
        if (wake.kind === 'reconnected') return offered;
        continue;
      }
      const action = decide(this.#situation(), offered);
      if (action.kind !== 'go-offline') return this.#startNext();
      await this.#goOffline(offered, action);
    }
  }

  /** True for an announcement that the answer to a `start-next` overtook. A queued retry of that job is newer. */
  #isOlderThanStarted({ jobId, versionNumber }: Execution): boolean {
    return this.#started?.jobId === jobId && versionNumber < this.#started.versionNumber;
  }

  async #goOffline({ jobId }: Execution, { forMs }: Extract<Action, { kind: 'go-offline' }>): Promise<void> {
    const { state, world, connection } = this.#agent;
    state.memory = { jobId, wasOffline: true, crashedInInstall: false };
    world.emit({ event: 'offline', thing: state.spec.thing, jobId, forMs });
    connection.hold();
    await this.#agent.pause(forMs);
    connection.release();
  }

  async #sleepUntilWoken(): Promise<Wake> {
    const { signal } = this.#agent;
    while (this.#wake === undefined) {
      signal.throwIfAborted();
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#onWake = resolve;
      const powerGoes = (): void => resolve();
      signal.addEventListener('abort', powerGoes, { once: true });
      await promise;
      signal.removeEventListener('abort', powerGoes);
    }
    const wake = this.#wake;
    this.#wake = undefined;
    return wake;
  }

  #situation(): Situation {
    const { spec, flash, memory } = this.#agent.state;
    return { hardware: spec.hardware, flash, memory, faultsOf: (version) => this.#agent.state.faultsOf(version) };
  }
}
