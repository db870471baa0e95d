import type { Tried } from '../../../activities/adapters/postgres/promotions.ts';
import { sluiceError, type SluiceError } from '#domain/errors/failure.ts';

/** What is asked for of an application or a firmware in the environment that it comes from. */
export interface WantedVersion {
  readonly environment: string;
  readonly subject: string;
  /** Null: what is in use. */
  readonly version: string | null;
}

/** A run of the subject that may never have come so far as to be tried. */
export type LatestRun = Pick<Tried, 'run' | 'version'> & { readonly phase: string };

/** It served, or was on the devices, until its run said that all is well. */
export const hasPassed = ({ wasStable, phase }: Tried): boolean => wasStable && phase === 'completed';

/**
 * The version that may go on, of those that were tried. `latest` is the latest run of the subject, of the wanted version where
 * one is wanted. Throws PROMOTION_NOT_PASSED naming the run, PROMOTION_VERSION_UNKNOWN, PROMOTION_NEVER_DEPLOYED.
 */
export function choosePassed(tried: readonly Tried[], latest: LatestRun | null, wanted: WantedVersion): Tried {
  const { environment, subject, version } = wanted;
  const meant =
    version === null ? tried.filter(({ isCurrent }) => isCurrent) : tried.filter((one) => one.version === version);
  const passed = meant.find(hasPassed);
  if (passed) return passed;
  const last = meant[0] ?? latest;
  if (last) throw notPassed(wanted, last);
  if (version === null || tried.length === 0) throw sluiceError('PROMOTION_NEVER_DEPLOYED', { subject, environment });
  const found = tried.filter(hasPassed).map((one) => one.version);
  throw sluiceError(
    'PROMOTION_VERSION_UNKNOWN',
    { subject, version, environment },
    { where: '--version', found: `passed there: ${[...new Set(found)].join(', ') || 'none'}` },
  );
}

const notPassed = ({ environment, subject }: WantedVersion, { run, version, phase }: LatestRun | Tried): SluiceError =>
  sluiceError('PROMOTION_NOT_PASSED', { subject, version, environment, run, phase: phase ?? 'not known any more' });
