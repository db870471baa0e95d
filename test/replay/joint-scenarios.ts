// Releases of several applications with scripted members whose histories are kept.
import type { MembersScript } from '../support/fakes/fake-members.ts';
import { A_PLACE } from '../support/runs/a-place.ts';
import { aJointPlan, type JointPlanParts } from '../support/runs/joint-plan-builder.ts';
import type { RunWorld } from '../support/runs/run-world.ts';
import { nightly } from '../support/windows/coming-windows.ts';
import type { Scenario } from './scenarios.ts';

const approval = { quorum: 1, role: 'approver', expiresInMs: null };
const TWO = { waves: [['api'], ['web']] };
const { watch } = aJointPlan();

/** With looks that come often. */
function joint(name: string, members: MembersScript, parts: JointPlanParts, drive?: Scenario['drive']): Scenario {
  const plan = { watch: { ...watch, everyMs: 50 }, ...parts.plan };
  return { name, options: { joint: aJointPlan({ ...parts, plan }), members }, ...(drive ? { drive } : {}) };
}

const underWay =
  (name: string) =>
  (run: RunWorld): Promise<void> =>
    run.journaled('member-started', new RegExp(name));

export const JOINT_SCENARIOS: readonly Scenario[] = [
  joint('all-members-complete', {}, {}),
  joint('approved-then-completes', {}, { ...TWO, approval }, async (run) => {
    await run.journaled('phase-changed', /waits/);
    await run.approve('ada');
  }),
  // The first is of before runs told their start once.
  ...['start-told-at-once', 'start-told-once'].map((name) => ({
    name,
    options: { joint: aJointPlan({ ...TWO, approval }), input: { place: A_PLACE } },
    drive: async (run: RunWorld) => {
      await run.journaled('phase-changed', /waits/);
      await run.approve('ada', { decision: 'reject' });
    },
  })),
  joint('last-member-fails', { does: { gateway: 'fails' } }, {}),
  joint('one-of-a-wave-fails', { does: { web: 'fails', worker: 'held' } }, {}),
  joint('member-refused', { does: { web: 'refused' } }, TWO),
  joint(
    'way-back-incomplete',
    { does: { gateway: 'fails-half-way' }, back: { web: 'impossible', worker: 'fails', api: 'not-needed' } },
    {},
  ),
  joint('rolled-back-under-way', { does: { web: 'held' } }, TWO, async (run) => {
    await underWay('web')(run);
    await run.command('rollBackRun');
  }),
  joint('release-cancelled-under-way', { does: { web: 'held' } }, TWO, async (run) => {
    await underWay('web')(run);
    await run.command('cancelRun');
  }),
  joint('release-paused-then-completes', { does: { api: 'held' } }, TWO, async (run) => {
    await underWay('api')(run);
    await run.command('pauseRun');
    run.members.endAll('completes');
    await run.journaled('phase-changed', /paused/);
    await run.command('resumeRun');
  }),
  joint(
    'taken-back-after-a-question',
    { does: { web: 'fails' } },
    { ...TWO, plan: { isWayBack: true, watch } },
    async (run) => {
      await run.journaled('phase-changed', /paused/);
      run.members.change({});
      await run.command('resumeRun');
    },
  ),
  {
    name: 'release-parked-until-its-window',
    get options() {
      return { joint: aJointPlan(TWO), input: { windows: [nightly(2_000, 60)] } };
    },
  },
];
