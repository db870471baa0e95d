import type { JointPlan } from '#domain/plan/joint-plan.ts';
import type { MemberView } from '#domain/run/run-view.ts';
import type { RunFacts } from './run-facts.ts';

/** How the applications of a release stand: `api 1.2.3 completed, web 2.1.0 under way (exe_…)`. */
export function describeMembers(members: readonly MemberView[]): string {
  if (members.length === 0) return 'nothing yet';
  return members.map((one) => `${one.application} ${one.version} ${standing(one)}`).join(', ');
}

function standing({ state, run, back }: MemberView): string {
  const words = state.replace('-', ' ');
  const own = back ?? run;
  return own === null || state === 'completed' || state === 'waiting' ? words : `${words} (${own})`;
}

/** How to go back from where a release stands. */
export function describeJointWayBack({ status: { row } }: RunFacts, { release, members }: JointPlan): string {
  if (row.phase === 'rolled-back') return 'done: every application runs what it ran before';
  if (row.phase === 'rolling-back') return 'under way, the last application first';
  const first = members.filter(({ before }) => before === null).map(({ application }) => application);
  const stays = first.length === 0 ? '' : `; ${first.join(', ')} would stay, as nothing was in use before`;
  if (row.closed && row.phase !== 'completed') return 'nothing more by itself: sluice run show tells what stands';
  return `sluice release rollback ${release.name} --reason "…": each to what it ran before${stays}`;
}
