/** What a device does next, as pure functions of its flash, its faults and what the server answered. */
import type { ActiveFaults } from './faults.ts';
import { outcomeOf } from './flash.ts';
import type { Flash, InstallOutcome } from './flash.ts';
import { compareVersions } from './verify.ts';
import { JobDocument } from './wire.schema.ts';
import type { Execution } from './wire.schema.ts';

export type FailureReason =
  | 'download-failed'
  | 'checksum-mismatch'
  | 'signature-invalid'
  | 'hardware-mismatch'
  | 'version-too-old'
  | 'install-crashed'
  | 'boot-loop'
  | 'not-in-slot'
  | 'refused';

export type Step = 'downloading' | 'installing' | 'rebooting';

/** The last word of a device on a job. `step` is how far it came, absent when it never began. */
export type Verdict =
  | { readonly status: 'SUCCEEDED'; readonly step?: Step }
  | { readonly status: 'FAILED' | 'REJECTED'; readonly reason: FailureReason; readonly step?: Step };

export type Action =
  | { readonly kind: 'install' | 'stage' | 'activate'; readonly document: JobDocument }
  | { readonly kind: 'conclude'; readonly verdict: Verdict }
  | { readonly kind: 'go-offline'; readonly forMs: number }
  | { readonly kind: 'stay-silent' };

/** Which slot the boot loader tries. `crash` starts the new slot and dies before it can confirm. */
export type Boot = 'as-before' | 'new-slot' | 'crash' | 'fall-back';

/** What a device knows about a job only while its power is on. */
export interface JobMemory {
  readonly jobId: string;
  readonly wasOffline: boolean;
  readonly crashedInInstall: boolean;
}

export interface Situation {
  readonly hardware: string;
  readonly flash: Flash;
  readonly memory: JobMemory | undefined;
  readonly faultsOf: (version: string) => ActiveFaults;
}

/** Crashed boots after which the boot loader goes back to the old slot. */
const CRASHES_BEFORE_FALL_BACK = 3;
const DEFAULT_OFFLINE_MS = 10_000;

/** The slot of the next boot, after `crashes` boots of the new slot died. */
export function chooseBoot(flash: Flash, faults: ActiveFaults, crashes: number): Boot {
  const outcome = flash.last?.outcome;
  if (outcome !== 'installed' && outcome !== 'activated') return 'as-before';
  if (faults['boot-loop'] !== undefined) return crashes < CRASHES_BEFORE_FALL_BACK ? 'crash' : 'fall-back';
  return faults['report-old'] === undefined ? 'new-slot' : 'fall-back';
}

/** The answer of a device to an execution it holds. */
export function decide(situation: Situation, execution: Execution): Action {
  const { flash, memory, faultsOf } = situation;
  const parsed = JobDocument.safeParse(execution.jobDocument);
  if (!parsed.success) return reject('refused');
  const document = parsed.data;
  const faults = faultsOf(document.version);
  const remembered = memory?.jobId === execution.jobId ? memory : undefined;
  const outcome = outcomeOf(flash, execution.jobId);
  if (outcome !== undefined) return concludeInstall(flash, document.version, outcome, faults);
  if (faults.offline !== undefined && remembered?.wasOffline !== true)
    return { kind: 'go-offline', forMs: faults.offline.forMs ?? DEFAULT_OFFLINE_MS };
  if (faults.refuse !== undefined) return reject('refused');
  if (remembered?.crashedInInstall === true)
    return conclude({ status: 'FAILED', reason: 'install-crashed', step: 'installing' });
  if (flash.running === document.version) return conclude({ status: 'SUCCEEDED' });
  return refusalOf(situation, document) ?? { kind: KINDS[document.operation], document };
}

const KINDS = {
  'firmware.install': 'install',
  'firmware.stage': 'stage',
  'firmware.activate': 'activate',
} as const satisfies Record<JobDocument['operation'], Action['kind']>;

/** What a device says about a job that reached its flash; it is never written a second time. */
export function concludeInstall(flash: Flash, version: string, outcome: InstallOutcome, faults: ActiveFaults): Action {
  // It has still to run: nothing of it can have gone wrong.
  if (outcome === 'staged') return conclude({ status: 'SUCCEEDED', step: 'installing' });
  if (faults['never-confirm'] !== undefined) return { kind: 'stay-silent' };
  // A silent fall-back is the point of `report-old`: the device believes in its success, only its version tells.
  const believed = faults['report-old'] !== undefined || flash.running === version;
  if (believed) return conclude({ status: 'SUCCEEDED', step: 'rebooting' });
  const reason = outcome === 'reverted' ? 'boot-loop' : 'refused';
  return conclude({ status: 'FAILED', reason, step: 'rebooting' });
}

function refusalOf({ hardware, flash }: Situation, document: JobDocument): Action | undefined {
  if (!document.compat.includes(hardware)) return reject('hardware-mismatch');
  const { minimumVersion, version, wayBack } = document;
  if (document.operation === 'firmware.activate' && flash.other !== version) return reject('not-in-slot');
  // Whoever sits on the path can write `wayBack` into any document: only the device knows where it came from.
  const goesBack = wayBack === true && version === flash.previous;
  if (minimumVersion === undefined || goesBack) return undefined;
  return compareVersions(flash.running, minimumVersion) < 0 ? reject('version-too-old') : undefined;
}

function reject(reason: FailureReason): Action {
  return conclude({ status: 'REJECTED', reason });
}

function conclude(verdict: Verdict): Action {
  return { kind: 'conclude', verdict };
}
