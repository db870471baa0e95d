// Simulated devices with two slots on a real broker, gateway and database, and the firmware that they download.
import { readFileSync } from 'node:fs';
import type { FleetPlan, PlannedFirmware } from '#domain/plan/plan.ts';
import { devicePassword } from '../../../activities/adapters/mqtt/credentials.ts';
import { artifactPath } from '../../../activities/adapters/object-store/artifact-files.ts';
import { ensureTrustedKeyPem } from '../../../activities/adapters/signing/firmware-signer.ts';
import { GatewayBed } from '../gateway/gateway-bed.ts';
import { SLOT_WAVES } from '../runs/plan-builder.ts';
import { makeTempFolder } from '../servers/temp-folder.ts';
import { ArtifactServer } from '../simulator/artifact-server.ts';
import { readLedger, SimulatorProgram } from '../simulator/program.ts';
import { openFleetWorld, type FleetWorld } from './fleet-world.ts';

/** What a plan of strategy blue_green has. */
export const SLOT_PLAN: Partial<FleetPlan> = {
  strategy: { kind: 'blue_green', upToPercent: 100, switchTimeoutMs: 300_000 },
  waves: SLOT_WAVES,
};

export class SlotFleet {
  readonly world: FleetWorld;
  readonly artifacts: ArtifactServer;
  readonly #bed: GatewayBed;
  readonly #folder = makeTempFolder('slots');
  #program: SimulatorProgram | null = null;

  private constructor(bed: GatewayBed, world: FleetWorld, artifacts: ArtifactServer) {
    this.#bed = bed;
    this.world = world;
    this.artifacts = artifacts;
  }

  static async open(): Promise<SlotFleet> {
    const bed = await GatewayBed.open();
    const artifacts = await ArtifactServer.start();
    bed.startGateway('silent', { httpUrl: artifacts.baseUrl });
    return new SlotFleet(bed, await openFleetWorld(bed.settings.databaseUrl), artifacts);
  }

  /** Firmware of `edge` that devices can download. */
  async addFirmware(version: string): Promise<PlannedFirmware> {
    const firmware = await this.world.addFirmware(version);
    const bytes = readFileSync(artifactPath(this.world.dataDirectory, firmware.sha256));
    this.artifacts.serve(`${this.artifacts.baseUrl}/artifacts/${firmware.sha256}`, bytes);
    return firmware;
  }

  /** Registers devices on 1.0.0 and switches them on; resolves when all are connected. */
  async simulate(names: readonly string[], faults: readonly object[] = []): Promise<void> {
    await this.#bed.register(names);
    const devices = names.map((thing) => {
      return { thing, password: devicePassword(this.#bed.key, thing), hardware: 'edge-a', firmware: '1.0.0' };
    });
    this.#program = await SimulatorProgram.start(this.#folder.path, {
      mqttUrl: this.#bed.settings.mqttUrl,
      publicKeyPem: ensureTrustedKeyPem(this.world.dataDirectory),
      ledgerPath: this.#ledgerPath,
      devices,
      faults,
      timings: { retryMs: 1_000, jitterMs: 50 },
    });
    await this.#program.event('connected');
  }

  /** What the devices wrote down: of each event of a version, on how many of them. */
  async ledger(): Promise<Record<string, number>> {
    const lines = await readLedger(this.#ledgerPath);
    const sums: Record<string, number> = {};
    for (const { event, version } of lines) sums[`${event} ${version}`] = (sums[`${event} ${version}`] ?? 0) + 1;
    return sums;
  }

  /** How many devices run each version by the registry. */
  async running(): Promise<Record<string, number>> {
    const { rows } = await this.world.pool.query<{ firmware: string; devices: number }>(
      'select firmware, count(*)::int as devices from devices group by 1',
    );
    return Object.fromEntries(rows.map(({ firmware, devices }) => [firmware, devices]));
  }

  async close(): Promise<void> {
    await this.#program?.end('SIGKILL');
    await this.world.close();
    await this.#bed.close();
    await this.artifacts.stop();
    this.#folder.remove();
  }

  get #ledgerPath(): string {
    return `${this.#folder.path}/ledger.jsonl`;
  }
}
