import { refuseFreezeOverride } from '../coordination/freeze-override.ts';
import { errorReport, type ErrorReport } from '../errors/failure.ts';
import type { StartNow } from './commands.ts';
import { beneathPause, waitOf } from './run-state.ts';
import type { RunView } from './run-view.ts';

/** May override the window of any environment. */
const ADMIN = 'admin';

/** Whose word starts a run outside its window: the environment's policy is set aside, so it takes its approvers. */
export const startsNow = ({ approverRole }: Pick<RunView, 'approverRole'>): readonly string[] => [approverRole, ADMIN];

/** Why nobody, or not this person, can start the run now; null when they can. Its schedule alone holds nobody back. */
export function refuseStartNow({ by, roles, reason, freeze }: StartNow, view: RunView): ErrorReport | null {
  if (reason.trim() === '') return errorReport('REASON_REQUIRED', { command: 'startRunNow' });
  const wait = waitOf(view.state);
  const entitled = startsNow(view);
  const forbidden = freeze === undefined ? null : refuseFreezeOverride({ by, roles, reason, entitled });
  if (forbidden !== null) return forbidden;
  if (freeze !== undefined && beneathPause(view.state).phase === 'queued') return null;
  if (wait === null) return errorReport('RUN_NOT_WAITING', { run: view.run, phase: view.state.phase });
  if (wait.heldBy === 'schedule' || roles.some((role) => entitled.includes(role))) return null;
  return errorReport('APPROVAL_ROLE_MISSING', { by, role: entitled.join(' or '), roles: roles.join(', ') });
}
