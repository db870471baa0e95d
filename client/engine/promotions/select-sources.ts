import type { Tried } from '../../../activities/adapters/postgres/promotions.ts';
import type { Pool } from '../../../activities/adapters/postgres/pool.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import { loadApplication, loadApplications } from '../applications/load-applications.ts';
import { hasPassed } from './choose-passed.ts';
import type { Route } from './draft-promotion.ts';
import { findPassed, isInUse, readTried } from './find-passed.ts';
import { inOrder } from './in-order.ts';

export interface Wanted {
  readonly subject: string | null;
  readonly version: string | null;
}

/** Something in use in the environment it would come from, and why it does not go on. */
export interface LeftOut {
  readonly subject: string;
  readonly version: string;
  readonly why: string;
}

export interface Sources {
  readonly sources: readonly Tried[];
  readonly leftOut: readonly LeftOut[];
}

type Ends = Pick<Route, 'from' | 'to'>;

/** What is to be promoted: one by name, or all that passed and differ. Throws PROMOTION_NOOP, APPLICATION_UNKNOWN, and as `findPassed`. */
export function selectSources(pool: Pool, ends: Ends, { subject, version }: Wanted): Promise<Sources> {
  return subject === null ? everything(pool, ends) : oneByName(pool, ends, { subject, version });
}

async function oneByName(
  pool: Pool,
  { from, to }: Ends,
  { subject, version }: Wanted & { readonly subject: string },
): Promise<Sources> {
  if (from.target === 'docker') await loadApplication(pool, subject, '--application');
  const source = await findPassed(pool, from, { subject, version });
  if (from.target === 'docker' && (await isInUse(pool, to, source))) {
    throw sluiceError('PROMOTION_NOOP', {
      what: `${subject} ${source.version} (${source.digest})`,
      environment: to.name,
    });
  }
  return { sources: [source], leftOut: [] };
}

async function everything(pool: Pool, { from, to }: Ends): Promise<Sources> {
  const current = (await readTried(pool, from, null)).filter(({ isCurrent }) => isCurrent);
  if (current.length === 0) {
    throw sluiceError('PROMOTION_NEVER_DEPLOYED', { subject: 'anything', environment: from.name });
  }
  const leftOut = current.filter((one) => !hasPassed(one)).map(notPassed);
  const there = (await readTried(pool, to, null)).filter(({ isCurrent }) => isCurrent);
  const differ = current.filter(hasPassed).filter((one) => !there.some((other) => isSame(one, other)));
  if (differ.length === 0) {
    const found = leftOut.map(({ subject, why }) => `${subject}: ${why}`).join(' · ');
    const what = `all that passed in ${from.name}`;
    throw sluiceError('PROMOTION_NOOP', { what, environment: to.name }, { found });
  }
  return { sources: from.target === 'docker' ? await sorted(pool, differ) : differ, leftOut };
}

const isSame = (one: Tried, other: Tried): boolean => one.subject === other.subject && one.digest === other.digest;

const notPassed = ({ subject, version, run, phase }: Tried): LeftOut => ({
  subject,
  version,
  why: `run ${run} is ${phase ?? 'not known any more'}`,
});

/** What others depend on first. */
async function sorted(pool: Pool, sources: readonly Tried[]): Promise<readonly Tried[]> {
  const applications = new Map((await loadApplications(pool)).map(({ name, spec }) => [name, spec.depends_on]));
  return inOrder(
    sources,
    ({ subject }) => subject,
    (name) => applications.get(name) ?? [],
  );
}
