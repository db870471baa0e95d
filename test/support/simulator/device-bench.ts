/** One device on a real broker with a scripted server: what most component tests of the simulator start from. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ArtifactServer } from './artifact-server.ts';
import type { TestBroker } from './broker.ts';
import { firmwareBytes, newKey, signedDocument } from './firmware.ts';
import type { TestDocument, TestKey } from './firmware.ts';
import { JobServer } from './job-server.ts';
import { readLedger, SimulatorProgram } from './program.ts';
import type { LedgerEntry } from './program.ts';

export const THING = 'd1';
const QUICK = { retryMs: 100, jitterMs: 10 };

export class DeviceBench {
  readonly folder: string;
  readonly jobs: JobServer;
  readonly artifacts: ArtifactServer;
  readonly key: TestKey = newKey();
  readonly #broker: TestBroker;
  readonly #programs: SimulatorProgram[] = [];

  private constructor(folder: string, broker: TestBroker, jobs: JobServer, artifacts: ArtifactServer) {
    this.folder = folder;
    this.#broker = broker;
    this.jobs = jobs;
    this.artifacts = artifacts;
  }

  static async start(broker: TestBroker): Promise<DeviceBench> {
    const folder = await mkdtemp(join(tmpdir(), 'simulator-'));
    return new DeviceBench(folder, broker, await JobServer.start(broker.url), await ArtifactServer.start());
  }

  get ledgerPath(): string {
    return join(this.folder, 'ledger.jsonl');
  }

  /** The configuration of a one-device fleet on firmware 1.0.0, with `changes`. */
  config(changes: Record<string, unknown> = {}): Record<string, unknown> {
    return {
      mqttUrl: this.#broker.url,
      publicKeyPem: this.key.publicKeyPem,
      ledgerPath: this.ledgerPath,
      devices: [{ thing: THING, password: 'secret', hardware: 'edge-a', firmware: '1.0.0' }],
      timings: QUICK,
      ...changes,
    };
  }

  /** Starts the simulator and resolves when its devices are connected. */
  async simulate(changes: Record<string, unknown> = {}, flags: string[] = []): Promise<SimulatorProgram> {
    const program = await SimulatorProgram.start(this.folder, this.config(changes), flags);
    this.#programs.push(program);
    await program.event('connected');
    return program;
  }

  /** A document of `version` whose artifact is served as it was signed. */
  publish(version: string, bytes = firmwareBytes(version), minimumVersion?: string): TestDocument {
    const { baseUrl } = this.artifacts;
    const options = minimumVersion === undefined ? { baseUrl } : { baseUrl, minimumVersion };
    const document = signedDocument(this.key, version, bytes, options);
    this.artifacts.serve(document.artifacts[0]?.url ?? '', bytes);
    return document;
  }

  /** `event version` of each ledger line, oldest first. */
  async history(): Promise<string[]> {
    return (await readLedger(this.ledgerPath)).map(({ event, version }: LedgerEntry) => `${event} ${version}`);
  }

  async stop(): Promise<void> {
    for (const program of this.#programs) await program.end('SIGKILL');
    await this.jobs.stop();
    await this.artifacts.stop();
    await rm(this.folder, { recursive: true });
  }
}
