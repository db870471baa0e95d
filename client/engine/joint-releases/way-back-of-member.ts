import type { Pool } from '../../../activities/adapters/postgres/pool.ts';
import { readKeptReleases, type KeptRelease } from '../../../activities/adapters/postgres/releases-of-applications.ts';
import { readRun, type RunRow } from '../../../activities/adapters/postgres/runs.ts';
import type { Environment } from '#domain/environments/environment.ts';
import { KEPT_RELEASES } from '#domain/plan/settle-release.ts';
import type { MemberReturn } from '#domain/ports/member.port.ts';
import { loadConfiguration } from '../environments/load-configuration.ts';
import { environmentNamed } from '../environments/load-environment.ts';
import { isSame } from '../releases/choose-release.ts';

/** Whether what a completed member replaced can come back, and from what. */
export type WayBackOfMember =
  | Exclude<MemberReturn, { kind: 'started' }>
  | {
      readonly kind: 'possible';
      readonly target: KeptRelease;
      readonly environment: Environment;
      readonly kept: readonly KeptRelease[];
    };

/** The way back from a member's completed run to the release that it had before. */
export async function wayBackOfMember(pool: Pool, run: string): Promise<WayBackOfMember> {
  const member = await readRun(pool, run);
  if (member === null) return { kind: 'impossible', why: 'its run is not known any more' };
  const place = { environment: member.environment, application: member.subject.name };
  const environment = environmentNamed(await loadConfiguration(pool), place.environment);
  return judge(member, environment, await readKeptReleases(pool, place, KEPT_RELEASES + 1));
}

function judge({ view }: RunRow, environment: Environment, kept: readonly KeptRelease[]): WayBackOfMember {
  const { before = null, release = null } = view?.traffic ?? {};
  if (before === null) return { kind: 'impossible', why: 'nothing was in use before it' };
  const current = kept.find(({ state }) => state === 'stable');
  if (current && current.release !== release) {
    const since = `${current.version} (release ${current.release})`;
    return { kind: 'not-needed', why: `${since} is in use since, and is left alone` };
  }
  const target = kept.find((one) => one.release === before.release);
  if (target === undefined) {
    return { kind: 'impossible', why: `release ${before.release} (${before.version}) is not kept any more` };
  }
  if (current && isSame(current, target))
    return { kind: 'not-needed', why: `${before.version} was in use before, too` };
  return { kind: 'possible', target, environment, kept };
}
