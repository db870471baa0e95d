// What the recorded runs have to hold together, so that a change anywhere in the interpreter meets one of them.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { JournalEntry, JournalEventType } from '#domain/journal/journal-entry.ts';
import type { ContainerStrategy } from '#domain/plan/container-plan.ts';
import type { ReleaseStep } from '#domain/plan/steps.ts';
import type { EmergencyActivities } from '#domain/ports/emergency.port.ts';
import type { EnvironmentActivities } from '#domain/ports/environment.port.ts';
import type { FleetActivities } from '#domain/ports/fleet.port.ts';
import type { GateActivities } from '#domain/ports/gates.port.ts';
import type { JournalActivities } from '#domain/ports/journal.port.ts';
import type { MemberActivities } from '#domain/ports/member.port.ts';
import type { PolicyActivities } from '#domain/ports/policy.port.ts';
import type { ReleaseActivities } from '#domain/ports/release.port.ts';
import type { WatchActivities } from '#domain/ports/watch.port.ts';
import { COMMAND_NAMES } from '#domain/run/commands.ts';
import type { RunInput } from '#domain/run/run-input.ts';
import { isClosed, PHASES } from '#domain/run/run-state.ts';
import type { StepOutcome } from '../../workflows/deploy/run-context.ts';
import { PATCHES } from '../../workflows/runtime/patches.ts';
import { recordedHistories } from './histories.ts';
import { EMERGENCY_SCENARIOS } from './emergency-scenarios.ts';
import { JOINT_SCENARIOS } from './joint-scenarios.ts';
import { LINE_SCENARIOS } from './line-scenarios.ts';
import { neutral } from './neutral.ts';
import { REAL_RUNS } from './real-runs.ts';
import { RELEASE_SCENARIOS } from './release-scenarios.ts';
import { POLICY_RELEASE_SCENARIOS, POLICY_SCENARIOS } from './policy-scenarios.ts';
import { SCENARIOS } from './scenarios.ts';
import { WINDOW_SCENARIOS } from './window-scenarios.ts';

/** Complete by the compiler's word: a new member is missed here. */
const all = <Word extends string>(words: Readonly<Record<Word, true>>): string[] => Object.keys(words).sort();
type Activities = FleetActivities &
  ReleaseActivities &
  GateActivities &
  JournalActivities &
  WatchActivities &
  EnvironmentActivities &
  PolicyActivities &
  MemberActivities &
  EmergencyActivities;
const ACTIVITIES = all<keyof Activities>({
  prepareRollout: true,
  offerWave: true,
  countRun: true,
  holdOffers: true,
  reopenOffers: true,
  withdrawOffers: true,
  rollBackFleet: true,
  leaveFleet: true,
  prepareRelease: true,
  pullImage: true,
  stageInstances: true,
  verifyInstances: true,
  shiftTraffic: true,
  retireInstances: true,
  holdRequests: true,
  releaseRequests: true,
  promoteRelease: true,
  returnTraffic: true,
  removeInstances: true,
  runHook: true,
  evaluateGate: true,
  evaluatePolicy: true,
  appendJournal: true,
  openCoordinator: true,
  surveyPlaces: true,
  findHold: true,
  findClosedRuns: true,
  startMember: true,
  followMember: true,
  stopMember: true,
  returnMember: true,
  takeHold: true,
  stopRuns: true,
  planWaysBack: true,
  startRollback: true,
  awaitRun: true,
  recordEmergency: true,
  endEmergency: true,
  watchCriteria: true,
  lookOnce: true,
});
/** A step that was denied has not begun, so it has no end. */
const OUTCOMES = all<Exclude<StepOutcome['kind'], 'denied'>>({
  passed: true,
  short: true,
  unfinished: true,
  breach: true,
  failed: true,
  rejected: true,
  expired: true,
});
const EVENTS = all<JournalEventType>({
  'run-started': true,
  'phase-changed': true,
  'targets-chosen': true,
  'release-prepared': true,
  'member-started': true,
  'member-ended': true,
  'step-started': true,
  'step-ended': true,
  'window-closed': true,
  'policy-applies': true,
  'policy-denied': true,
  'freeze-overridden': true,
  'gate-decided': true,
  'gate-overridden': true,
  'gate-reminder': true,
  'command-accepted': true,
  'command-refused': true,
  breach: true,
  'breach-accepted': true,
  'rollback-started': true,
  'rollback-ended': true,
  'compensation-failed': true,
  'run-ended': true,
});

const STRATEGIES = all<ContainerStrategy['kind']>({
  first: true,
  rolling: true,
  blue_green: true,
  canary: true,
  recreate: true,
  immediate: true,
});
const STEPS = all<ReleaseStep['kind'] | 'gate' | 'approve' | 'bake'>({
  gate: true,
  approve: true,
  bake: true,
  pull: true,
  stage: true,
  verify: true,
  shift: true,
  retire: true,
  hold: true,
  hook: true,
});

interface Payloads {
  readonly payloads: readonly { readonly data: string }[];
}

interface Started {
  readonly workflowExecutionStartedEventAttributes?: { readonly input: Payloads };
}

interface Recorded {
  readonly activityTaskScheduledEventAttributes?: {
    readonly activityType: { readonly name: string };
    readonly input: Payloads;
  };
  readonly workflowExecutionUpdateAcceptedEventAttributes?: {
    readonly acceptedRequest: { readonly input: { readonly name: string } };
  };
  readonly workflowExecutionSignaledEventAttributes?: { readonly signalName: string };
  readonly markerRecordedEventAttributes?: {
    readonly details: Readonly<Record<string, Payloads>>;
  };
}

const files = recordedHistories();
const texts = files.map((file) => readFileSync(file, 'utf8'));
const events = texts.flatMap((text) => (JSON.parse(text) as { events: Recorded[] }).events);
const scheduled = events.flatMap((event) => event.activityTaskScheduledEventAttributes ?? []);
const journal = scheduled
  .filter(({ activityType }) => activityType.name === 'appendJournal')
  .flatMap(({ input }) => firstOf<{ entries: JournalEntry[] }>(input).entries);
const inputs = texts.flatMap((text) => {
  const [started] = (JSON.parse(text) as { events: Started[] }).events;
  const input = started?.workflowExecutionStartedEventAttributes?.input;
  return input ? [firstOf<Partial<RunInput>>(input)] : [];
});

function firstOf<T>({ payloads }: Payloads): T {
  return JSON.parse(Buffer.from(payloads[0]?.data ?? '', 'base64').toString()) as T;
}
const seen = (found: readonly unknown[]): unknown[] => [...new Set(found)].sort();

describe('the recorded runs and their coordinators', () => {
  it('are those of the scenarios and of the real fleet', () => {
    const names = files.map((file) => basename(file, '.json')).sort();
    const scenarios = [
      ...SCENARIOS,
      ...WINDOW_SCENARIOS,
      ...POLICY_SCENARIOS,
      ...RELEASE_SCENARIOS,
      ...POLICY_RELEASE_SCENARIOS,
      ...JOINT_SCENARIOS,
      ...EMERGENCY_SCENARIOS,
      ...REAL_RUNS,
    ].map(({ name }) => name);
    expect(names).toEqual([...scenarios, ...LINE_SCENARIOS.flatMap((line) => line.names)].sort());
  });

  it('call every activity', () => {
    expect(seen(scheduled.map(({ activityType }) => activityType.name))).toEqual(ACTIVITIES);
  });

  it('take every command, and some by signal', () => {
    const updates = events.flatMap((event) => event.workflowExecutionUpdateAcceptedEventAttributes ?? []);
    expect(seen(updates.map(({ acceptedRequest }) => acceptedRequest.input.name))).toEqual([...COMMAND_NAMES].sort());
    const signals = events.flatMap((event) => event.workflowExecutionSignaledEventAttributes ?? []);
    expect(signals.length).toBeGreaterThan(2);
  });

  it('know every end of a step, every entry of a journal and every end of a run', () => {
    const ends = journal.filter(({ type, data }) => type === 'step-ended' && 'outcome' in data);
    expect(seen(ends.map(({ data }) => data['outcome']))).toEqual(OUTCOMES);
    expect(seen(journal.map(({ type }) => type))).toEqual(EVENTS);
    const ended = journal.filter(({ type }) => type === 'run-ended');
    expect(seen(ended.map(({ data }) => data['phase']))).toEqual(PHASES.filter(isClosed).sort());
  });

  it('take every kind of step, forward and back, of every strategy for containers', () => {
    const plans = inputs.flatMap(({ plan }) => (plan?.kind === 'container-release' ? [plan] : []));
    expect(seen(plans.map(({ strategy }) => strategy.kind))).toEqual(STRATEGIES);
    expect(seen(plans.flatMap(({ steps }) => steps.map(({ kind }) => kind)))).toEqual(STEPS);
  });

  it.each(['fleet-rollout', 'container-release', 'joint-release'])(
    'tell the start of a %s that begins with an approval at once, as runs of before, and once',
    (kind) => {
      const lined = inputs.filter(({ plan, place }) => plan?.kind === kind && place !== undefined);
      const asking = lined.filter(({ plan }) => plan?.steps[0]?.kind === 'approve');
      expect(seen(asking.map(({ startTold = 'at once' }) => startTold))).toEqual(['at once', 'once']);
    },
  );

  it('take every patch', () => {
    const details = events.flatMap((event) => event.markerRecordedEventAttributes?.details['patch-data'] ?? []);
    const ids = details.map((detail) => firstOf<{ id: string }>(detail).id);
    expect(ids).toEqual(expect.arrayContaining(PATCHES.map(({ id }) => id)));
  });

  it('say nothing of who recorded them', () => {
    for (const text of texts) expect(neutral(text, process.cwd())).toBe(text);
  });
});

it('a process is taken out of a history, what it did stays', () => {
  const recorded = '"identity": "15309@vm", "name": "15309@vm-c12d367ab02243e683fc7b1435fd46ac", "at /home/x/a.ts:1"';
  expect(neutral(recorded, '/home/x')).toBe(
    '"identity": "recorder", "name": "recorder-c12d367ab02243e683fc7b1435fd46ac", "at a.ts:1"',
  );
});
