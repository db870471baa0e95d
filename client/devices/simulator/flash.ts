/** The two slots of a device and what its ledger says about them. Pure: a ledger line is the only way a slot changes. */
import { z } from 'zod';

export const LedgerLine = z.strictObject({
  at: z.iso.datetime(),
  thing: z.string(),
  jobId: z.string(),
  version: z
    .string()
    .describe(
      'installed, staged: in the other slot now; activated: of the other slot, booted next; booted, reverted: running.',
    ),
  event: z.enum(['installed', 'staged', 'activated', 'booted', 'reverted']),
});
export type LedgerLine = z.infer<typeof LedgerLine>;

/** How far the device came with a job: written to the other slot, about to run from it, running from it, or fallen back. */
export type InstallOutcome = LedgerLine['event'];

/** The last install of a device. */
export interface LastInstall {
  readonly jobId: string;
  readonly version: string;
  readonly outcome: InstallOutcome;
}

export interface Flash {
  /** Version in the slot the device runs from. */
  readonly running: string;
  /** Version in the slot it does not run from; `undefined` while that is empty. */
  readonly other: string | undefined;
  /** The version it ran right before `running`; `undefined` as it left the factory. */
  readonly previous: string | undefined;
  /** The newest job that reached flash; `installed` or `activated`, its firmware waits in the other slot for the next boot. */
  readonly last: LastInstall | undefined;
  /** Jobs before `last` that reached flash, and how they ended: none of them is ever installed again. */
  readonly earlier: ReadonlyMap<string, InstallOutcome>;
}

const NO_JOBS: ReadonlyMap<string, InstallOutcome> = new Map();

/** A device as it left the factory. */
export function factoryFlash(version: string): Flash {
  return { running: version, other: undefined, previous: undefined, last: undefined, earlier: NO_JOBS };
}

/** The flash after one more line of its ledger. */
export function applyLine(flash: Flash, line: Pick<LedgerLine, 'jobId' | 'version' | 'event'>): Flash {
  const { jobId, version, event } = line;
  const { last, earlier } = flash;
  const installing = last?.jobId === jobId ? last.version : version;
  const kept = last === undefined || last.jobId === jobId ? earlier : new Map(earlier).set(last.jobId, last.outcome);
  const running = event === 'booted' || event === 'reverted' ? version : flash.running;
  const hasSwitched = running !== flash.running;
  return {
    running,
    other: hasSwitched ? flash.running : otherAfter(flash, line),
    previous: hasSwitched ? flash.running : flash.previous,
    last: { jobId, version: installing, outcome: event },
    earlier: kept,
  };
}

const otherAfter = (flash: Flash, { version, event }: Pick<LedgerLine, 'version' | 'event'>): string | undefined =>
  event === 'installed' || event === 'staged' ? version : flash.other;

/** What became of `jobId` on this flash, `undefined` when it never reached it. */
export function outcomeOf(flash: Flash, jobId: string): InstallOutcome | undefined {
  return flash.last?.jobId === jobId ? flash.last.outcome : flash.earlier.get(jobId);
}

/** The flash of every thing named in the ledger; `factory` gives the version of a thing before its first line. */
export function recoverFlash(
  lines: Iterable<LedgerLine>,
  factory: ReadonlyMap<string, string>,
): ReadonlyMap<string, Flash> {
  const recovered = new Map<string, Flash>();
  for (const line of lines) {
    const before = recovered.get(line.thing) ?? factoryFlash(factory.get(line.thing) ?? line.version);
    recovered.set(line.thing, applyLine(before, line));
  }
  return recovered;
}
