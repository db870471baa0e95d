import { CancellationScope, isCancellation } from '@temporalio/workflow';
import { inWords } from '#domain/counted.ts';
import { passOn } from '#domain/joint-releases/pass-on.ts';
import type { PlannedMember } from '#domain/plan/joint-plan.ts';
import type { DeployStep } from '#domain/plan/steps.ts';
import type { RunContext, StepOutcome } from '../../deploy/run-context.ts';
import { now } from '../../runtime/clock.ts';
import { newRunId } from '../../runtime/new-run-id.ts';
import { followingActivities, jointPlan, membersOf, partOf, startingActivities } from '../joint-plan-of.ts';
import { registerWayBack } from '../way-back.ts';

/** How one member came out; null where it was no longer waited for, as another one went bad. */
type Came = { readonly member: PlannedMember; readonly bad: string | null } | null;

/**
 * Brings the applications of one wave out, each in a run of its own. The first that goes bad ends the wave: the others are
 * not waited for, the way back stops them. Of a release that is a way back itself, everything is brought as far as it goes,
 * and a person is asked about the rest.
 */
export async function runWave(step: DeployStep, run: RunContext): Promise<StepOutcome> {
  const wave = membersOf(step, run).filter(
    ({ application }) => run.record.memberNamed(application)?.state !== 'completed',
  );
  for (const { application } of wave) run.record.noteMember(application, { run: newRunId(), state: 'under-way' });
  registerWayBack(step, run);
  // From here on the release is half out: no window keeps the rest of it waiting.
  run.record.opening.leaveWindows();
  const came = await untilAllOrOneBad(wave, run);
  const bad = came.flatMap((one) => {
    if (one === null || one.bad === null) return [];
    return [`${one.member.application} ${one.member.version} ${one.bad}`];
  });
  if (bad.length > 0) return { kind: jointPlan(run).isWayBack ? 'unfinished' : 'failed', summary: bad.join('; ') };
  const names = wave.map(({ application, version }) => `${application} ${version}`);
  return { kind: 'passed', summary: `wave ${step.wave} of ${step.waves}: ${inWords(names)} in use` };
}

async function untilAllOrOneBad(wave: readonly PlannedMember[], run: RunContext): Promise<readonly Came[]> {
  const scope = new CancellationScope();
  let isBad = false;
  const bringOut = async (member: PlannedMember): Promise<Came> => {
    try {
      const bad = await carry(member, run);
      if (bad !== null && !jointPlan(run).isWayBack) {
        isBad = true;
        scope.cancel();
      }
      return { member, bad };
    } catch (error) {
      if (isBad && isCancellation(error)) return null;
      throw error;
    }
  };
  return scope.run(() => Promise.all(wave.map(bringOut)));
}

/** Starts a member and follows it to its end; why it is bad, or null. */
async function carry(member: PlannedMember, run: RunContext): Promise<string | null> {
  const { record } = run;
  const { application, version } = member;
  const own = record.memberNamed(application)?.run ?? '';
  const what = `${application} ${version}`;
  const starting = startingActivities(run, `start ${what}`);
  const started = await starting.startMember({
    run: own,
    planId: member.planId,
    digest: member.digest,
    partOf: partOf(run),
    priority: jointPlan(run).isWayBack ? 'rollback' : 'normal',
    decisions: passOn(record.approvals, { member, release: jointPlan(run).release.name, at: now() }),
  });
  if (started.kind === 'refused') {
    record.noteMember(application, { state: 'ended-badly', detail: started.why });
    return `could not be started: ${started.why}`;
  }
  record.journal.record('member-started', `${what}: ${own}`, { application, version, run: own });
  const { everyMs } = record.input.plan.watch;
  const { phase, reason } = await followingActivities(run, `until ${what} is in use`).followMember({
    run: own,
    everyMs,
  });
  const bad = phase === 'completed' ? null : [phase, reason].filter((text) => text !== '').join(': ');
  record.noteMember(application, { state: bad === null ? 'completed' : 'ended-badly', detail: bad ?? '' });
  record.journal.record('member-ended', `${what}: ${bad ?? 'in use'}`, { application, version, run: own, phase });
  return bad;
}
