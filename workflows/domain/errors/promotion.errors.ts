import { entry } from './entry.ts';

/** Errors of bringing what was tried in one environment into another. */
export const promotionErrors = {
  PROMOTION_SAME_ENVIRONMENT: entry<{ environment: string }>(
    'INVALID',
    (d) => `${d.environment} cannot be promoted to itself`,
    'name two environments: sluice promote --from staging --to production',
  ),
  PROMOTION_TARGETS_DIFFER: entry<{ from: string; fromTarget: string; to: string; toTarget: string }>(
    'INVALID',
    (d) => `${d.from} has target ${d.fromTarget}, ${d.to} has target ${d.toTarget}: nothing fits both`,
    'sluice env list shows what each environment goes to',
  ),
  PROMOTION_NEVER_DEPLOYED: entry<{ subject: string; environment: string }>(
    'NOT_FOUND',
    (d) => `${d.subject} was never deployed to ${d.environment}: there is nothing to promote`,
    (d) => `deploy it there first: sluice plan create --config FILE · sluice run list --environment ${d.environment}`,
  ),
  PROMOTION_NOT_PASSED: entry<{ subject: string; version: string; environment: string; run: string; phase: string }>(
    'CONFLICT',
    (d) => `${d.subject} ${d.version} has not passed in ${d.environment}: run ${d.run} is ${d.phase}`,
    (d) => `sluice run show ${d.run}; what has completed there can be promoted`,
  ),
  PROMOTION_VERSION_UNKNOWN: entry<{ subject: string; version: string; environment: string }>(
    'NOT_FOUND',
    (d) => `${d.subject} ${d.version} was never stable in ${d.environment}`,
    (d) => `deploy it there first, or name another with --version · sluice run list --environment ${d.environment}`,
  ),
  PROMOTION_NOOP: entry<{ what: string; environment: string }>(
    'CONFLICT',
    (d) => `nothing to promote: ${d.what} is what ${d.environment} has already`,
    (d) => `sluice run list --environment ${d.environment}`,
  ),
  PROMOTION_DIGEST_GONE: entry<{ subject: string; version: string; digest: string; why: string }>(
    'NOT_FOUND',
    (d) => `the bytes of ${d.subject} ${d.version} that were tried (${d.digest}) can no longer be had: ${d.why}`,
    'only these may go out: push that image again, or deploy and try another one first',
  ),
  PROMOTION_NEEDED: entry<{ subject: string; version: string; digest: string; environment: string; from: string }>(
    'CONFLICT',
    (d) => `${d.environment} takes only what passed in ${d.from}: ${d.subject} ${d.version} (${d.digest}) did not`,
    (d) =>
      `deploy it to ${d.from}; once its run completed: sluice promote --from ${d.from} --to ${d.environment} --application ${d.subject}`,
  ),
};
