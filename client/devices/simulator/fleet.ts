/** All devices of one program: switched on together, commanded by name, switched off together. */
import { createPublicKey } from 'node:crypto';
import { z } from 'zod';
import type { SimulatorConfig } from './config.schema.ts';
import { SimulatedDevice } from './device.ts';
import { Downloader } from './download.ts';
import type { EventLog } from './events.ts';
import { factoryFlash, recoverFlash } from './flash.ts';
import { Gate } from './gate.ts';
import { Ledger } from './ledger.ts';
import type { World } from './state.ts';

/** A line of the program's standard input. */
export const Command = z.strictObject({
  command: z.enum(['disconnect', 'reconnect']),
  things: z.union([z.literal('all'), z.array(z.string())]),
});
export type Command = z.infer<typeof Command>;

export class Fleet {
  readonly #world: World;
  readonly #devices: readonly SimulatedDevice[];
  readonly #log: EventLog;

  private constructor(world: World, devices: readonly SimulatedDevice[], log: EventLog) {
    this.#world = world;
    this.#devices = devices;
    this.#log = log;
  }

  /** A fleet whose devices carry what their ledger says. Fails on an unreadable ledger or key. */
  static async assemble(config: SimulatorConfig, log: EventLog): Promise<Fleet> {
    const { mqttUrl, publicKeyPem, ledgerPath, devices, faults, timings, concurrentConnects } = config;
    const retry = { firstMs: timings.retryMs, jitterMs: timings.jitterMs };
    const publicKey = createPublicKey(publicKeyPem);
    const { ledger, lines } = await Ledger.open(ledgerPath);
    const flash = recoverFlash(lines, new Map(devices.map(({ thing, firmware }) => [thing, firmware])));
    const world: World = {
      network: { mqttUrl, gate: new Gate(concurrentConnects), retry },
      ledger,
      downloader: new Downloader(retry),
      publicKey,
      faults,
      timings,
      emit: log.emit,
    };
    const built = devices.map(
      (spec) => new SimulatedDevice(world, spec, flash.get(spec.thing) ?? factoryFlash(spec.firmware)),
    );
    return new Fleet(world, built, log);
  }

  /** Runs every device until `stop`. Says once when all have connected. Rejects when the ledger cannot be written. */
  async run(): Promise<void> {
    const away = new Set(this.#devices);
    await Promise.all(
      this.#devices.map((device) =>
        device.run(() => {
          const wasLast = away.delete(device) && away.size === 0;
          if (!wasLast) return;
          this.#log.emit({ event: 'connected', devices: this.#devices.length, elapsedMs: this.#log.elapsedMs });
        }),
      ),
    );
  }

  /** Carries out the command; things this fleet does not have are passed over. */
  command({ command, things }: Command): void {
    const named = things === 'all' ? undefined : new Set(things);
    const chosen = this.#devices.filter((device) => named?.has(device.thing) ?? true);
    for (const device of chosen) device[command]();
    this.#log.emit({ event: command === 'disconnect' ? 'disconnected' : 'reconnected', devices: chosen.length });
  }

  /** Cuts the power of all devices; `run` resolves soon after. */
  stop(): void {
    for (const device of this.#devices) device.stop();
  }

  /** Closes what the devices shared, once `run` is over, and gives the sums of their lives. */
  async close(): Promise<Record<string, number>> {
    await this.#world.downloader.close();
    await this.#world.ledger.close();
    const repeatedRequests = this.#devices.reduce((sum, device) => sum + device.repeatedRequests, 0);
    return { devices: this.#devices.length, repeatedRequests, resumedDownloads: this.#world.downloader.resumed };
  }
}
