import { approverRole } from '#domain/approvals/approver-role.ts';
import { refuseFreezeOverride } from '#domain/coordination/freeze-override.ts';
import { SluiceError, sluiceError } from '#domain/errors/failure.ts';
import type { Plan } from '#domain/plan/plan.ts';
import { startsNow } from '#domain/run/refuse-start-now.ts';
import type { Person } from '../engine.ts';

interface Override {
  readonly person: Person;
  readonly reason?: string | undefined;
}

/** Throws REASON_REQUIRED, APPROVAL_ROLE_MISSING, and USAGE for a release of several applications. */
export function expectFreezeOverride(plan: Plan, { person, reason = '' }: Override): void {
  if (plan.kind === 'joint-release') {
    const why = 'each application of a release passes a freeze by itself, when it waits: sluice deploy start-now RUN';
    throw sluiceError('USAGE', { why }, { where: '--override-freeze' });
  }
  const entitled = startsNow({ approverRole: approverRole(plan) });
  const refused = refuseFreezeOverride({ by: person.name, roles: person.roles, reason, entitled });
  if (refused !== null) throw new SluiceError({ ...refused, where: '--override-freeze' });
}
