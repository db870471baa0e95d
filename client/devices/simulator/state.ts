/** What a device is at one moment, what it shares with the other devices, and the one way its flash changes. */
import type { KeyObject } from 'node:crypto';
import type { Device, Fault, Timings } from './config.schema.ts';
import type { Network } from './connection.ts';
import type { JobMemory } from './decide.ts';
import type { Downloader } from './download.ts';
import type { SimulatorEvent } from './events.ts';
import { activeFaults } from './faults.ts';
import type { ActiveFaults } from './faults.ts';
import { applyLine } from './flash.ts';
import type { Flash, LedgerLine } from './flash.ts';
import type { Ledger } from './ledger.ts';

/** What all devices of the program share. */
export interface World {
  readonly network: Network;
  readonly ledger: Ledger;
  readonly downloader: Downloader;
  readonly publicKey: KeyObject;
  readonly faults: readonly Fault[];
  readonly timings: Timings;
  readonly emit: (event: SimulatorEvent) => void;
}

export class DeviceState {
  readonly spec: Device;
  flash: Flash;
  memory: JobMemory | undefined;
  /** Boots of the present new slot that died. */
  crashes = 0;
  /** False while the server may not know how the last install ended; a recovered ledger cannot tell, so it is told again. */
  isOutcomeTold = false;
  /** The job the server called ended after its firmware was written. */
  endedJobId: string | undefined;
  readonly #world: World;

  constructor(world: World, spec: Device, flash: Flash) {
    this.#world = world;
    this.spec = spec;
    this.flash = flash;
  }

  /** The faults `version` brings out on this device. */
  faultsOf(version: string): ActiveFaults {
    return activeFaults(this.#world.faults, this.spec.thing, version);
  }

  /** Changes the flash; resolves when the line that says so is on disk, so no report can run ahead of it. */
  async write(change: Pick<LedgerLine, 'jobId' | 'version' | 'event'>): Promise<void> {
    const { thing } = this.spec;
    await this.#world.ledger.append({ at: new Date().toISOString(), thing, ...change });
    this.flash = applyLine(this.flash, change);
    this.#world.emit({ thing, ...change });
  }
}
