import { createHash } from 'node:crypto';
import { jobDocument } from '#domain/fleet/job-document.ts';
import type { SlotOperation } from '#domain/fleet/slot-operation.ts';
import { slotBackJobId, wayBackJobId, type JobId, type RunId, type Sha256 } from '#domain/ids.ts';
import { findArtifact } from '../adapters/postgres/artifacts.ts';
import type { OfferedFirmware } from '../adapters/postgres/follow-ups.ts';
import { ensureJob } from '../adapters/postgres/rollout-jobs.ts';
import { checkFirmware } from '../runtime/check-firmware.ts';
import type { FleetDeps } from './deps.ts';

/** What devices of one previous version are offered: a job, or nothing, and why. */
export type WayBack = { readonly kind: 'job'; readonly seq: number } | { readonly kind: 'none'; readonly why: string };

/** The bytes are where the device has them. */
const INTACT = { kind: 'intact' } as const;

/** How devices go back: by an install, or by the slot that they ran from before. */
type Way = Exclude<SlotOperation, 'stage'>;

/**
 * The ways back of a run by previous version; a version's job is made when its first device needs it. They lead to the same
 * firmware in another version, confirmed in the same way. Who was activated is activated back, which needs no bytes.
 */
export class WaysBack {
  readonly #deps: FleetDeps;
  readonly #run: string;
  readonly #offered: OfferedFirmware;
  readonly #known = new Map<string, WayBack>();

  constructor(deps: FleetDeps, run: string, offered: OfferedFirmware) {
    this.#deps = deps;
    this.#run = run;
    this.#offered = offered;
  }

  /** The first that a device is offered. */
  to(version: string): Promise<WayBack> {
    return this.#find(this.#offered.operation === 'install' ? 'install' : 'activate', version);
  }

  /** For devices whose other slot does not hold the version. */
  byInstall(version: string): Promise<WayBack> {
    return this.#find('install', version);
  }

  async #find(way: Way, version: string): Promise<WayBack> {
    const key = `${way} ${version}`;
    const known = this.#known.get(key) ?? (await this.#make(way, version));
    this.#known.set(key, known);
    return known;
  }

  async #make(way: Way, version: string): Promise<WayBack> {
    const { name, confirmation } = this.#offered;
    const { pool, dataDirectory } = this.#deps;
    const firmware = await findArtifact(pool, name, version);
    if (!firmware) return { kind: 'none', why: `no artifact ${name} ${version}` };
    const verdict = way === 'activate' ? INTACT : await checkFirmware(dataDirectory, firmware);
    if (verdict.kind === 'damaged')
      return { kind: 'none', why: `artifact ${name} ${version} is damaged: ${verdict.why}` };
    const job = await ensureJob(pool, {
      jobId: this.#jobId(way, version),
      run: this.#run,
      kind: { purpose: 'way-back' },
      status: 'open',
      document: jobDocument(firmware, confirmation, 'way-back', way),
      confirmation,
    });
    return { kind: 'job', seq: job.seq };
  }

  /** From the version alone: a list of versions grows when devices join, and places in it move. */
  #jobId(way: Way, version: string): JobId {
    const ofVersion = createHash('sha256').update(version).digest('hex') as Sha256;
    const idOf = way === 'activate' ? slotBackJobId : wayBackJobId;
    return idOf(this.#run as RunId, ofVersion);
  }
}
