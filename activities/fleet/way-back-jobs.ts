import { createHash } from 'node:crypto';
import { jobDocument } from '#domain/fleet/job-document.ts';
import { wayBackJobId, type JobId, type RunId, type Sha256 } from '#domain/ids.ts';
import type { Confirmation } from '#domain/plan/plan.ts';
import { findArtifact } from '../adapters/postgres/artifacts.ts';
import { ensureJob } from '../adapters/postgres/rollout-jobs.ts';
import { checkFirmware } from '../runtime/check-firmware.ts';
import type { FleetDeps } from './deps.ts';

/** What devices of one previous version are offered: a job, or nothing, and why. */
export type WayBack = { readonly kind: 'job'; readonly seq: number } | { readonly kind: 'none'; readonly why: string };

/** What a run offered: its ways back lead to the same firmware in another version, confirmed in the same way. */
export interface Offered {
  readonly name: string;
  readonly confirmation: Confirmation;
}

/** The ways back of a run by previous version; a version's job is made when its first device needs it. */
export class WaysBack {
  readonly #deps: FleetDeps;
  readonly #run: string;
  readonly #offered: Offered;
  readonly #known = new Map<string, WayBack>();

  constructor(deps: FleetDeps, run: string, offered: Offered) {
    this.#deps = deps;
    this.#run = run;
    this.#offered = offered;
  }

  async to(version: string): Promise<WayBack> {
    const known = this.#known.get(version) ?? (await this.#make(version));
    this.#known.set(version, known);
    return known;
  }

  async #make(version: string): Promise<WayBack> {
    const { name, confirmation } = this.#offered;
    const { pool, dataDirectory } = this.#deps;
    const firmware = await findArtifact(pool, name, version);
    if (!firmware) return { kind: 'none', why: `no artifact ${name} ${version}` };
    const verdict = await checkFirmware(dataDirectory, firmware);
    if (verdict.kind === 'damaged')
      return { kind: 'none', why: `artifact ${name} ${version} is damaged: ${verdict.why}` };
    const job = await ensureJob(pool, {
      jobId: this.#jobId(version),
      run: this.#run,
      kind: { purpose: 'way-back' },
      status: 'open',
      document: jobDocument(firmware, confirmation, 'way-back'),
      confirmation,
    });
    return { kind: 'job', seq: job.seq };
  }

  /** From the version alone: a list of versions grows when devices join, and places in it move. */
  #jobId(version: string): JobId {
    const ofVersion = createHash('sha256').update(version).digest('hex') as Sha256;
    return wayBackJobId(this.#run as RunId, ofVersion);
  }
}
