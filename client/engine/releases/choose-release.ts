import type { KeptRelease } from '../../../activities/adapters/postgres/releases-of-applications.ts';
import { standingReleases } from '#domain/containers/standing-releases.ts';
import { sluiceError } from '#domain/errors/failure.ts';

interface Wanted {
  readonly application: string;
  readonly environment: string;
  /** A version or the number of a release; undefined means the one before. */
  readonly to: string | undefined;
}

/**
 * The release to go back to, of those that were stable. Throws ROLLBACK_NOOP for what is in use, RELEASE_UNKNOWN with those
 * that are kept.
 */
export function chooseRelease(kept: readonly KeptRelease[], { application, environment, to }: Wanted): KeptRelease {
  const current = kept.find(({ state }) => state === 'stable') ?? null;
  const earlier = kept.filter((one) => one !== current);
  if (current !== null && to !== undefined && isMeant(current, to)) {
    throw sluiceError('ROLLBACK_NOOP', { application, environment, version: current.version });
  }
  const chosen = to === undefined ? before(current, kept) : earlier.find((one) => isMeant(one, to));
  if (chosen === undefined) throw unknown(earlier, { application, environment, to });
  if (current === null || !isSame(chosen, current)) return chosen;
  throw sluiceError('ROLLBACK_NOOP', { application, environment, version: current.version });
}

/** What people mean by "back": another version, if there is one, and none that was taken back already. */
function before(current: KeptRelease | null, kept: readonly KeptRelease[]): KeptRelease | undefined {
  const inOrder = kept.toSorted(
    (one, other) => one.stableAt.localeCompare(other.stableAt) || one.release - other.release,
  );
  const earlier = standingReleases(inOrder, isSame).filter((one) => one !== current);
  return earlier.findLast(({ version }) => version !== current?.version) ?? earlier.at(-1);
}

const isMeant = ({ version, release }: KeptRelease, to: string): boolean => version === to || String(release) === to;

/** The same image in the same way: going there would change nothing. */
export const isSame = (one: KeptRelease, other: KeptRelease): boolean =>
  one.digest === other.digest && JSON.stringify(one.spec) === JSON.stringify(other.spec);

function unknown(earlier: readonly KeptRelease[], { application, environment, to }: Wanted): Error {
  const found = earlier.map(({ version, release }) => `${version} (release ${release})`).join(', ');
  return sluiceError(
    'RELEASE_UNKNOWN',
    { application, environment, wanted: to ?? 'before the one in use' },
    { found: found || 'none was stable before' },
  );
}
