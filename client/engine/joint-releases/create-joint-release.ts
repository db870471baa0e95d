import { ulid } from 'ulid';
import { insertJointRelease } from '../../../activities/adapters/postgres/joint-releases.ts';
import { insertPlan, type StoredPlan } from '../../../activities/adapters/postgres/plans.ts';
import { inTransaction } from '../../../activities/adapters/postgres/pool.ts';
import type { Environment } from '#domain/environments/environment.ts';
import { unknownName } from '#domain/environments/problem.ts';
import type { WholeConfiguration } from '#domain/environments/references.ts';
import { moveSecrets } from '#domain/environments/secrets.ts';
import type { PlanId } from '#domain/ids.ts';
import { jointReleaseRules } from '#domain/joint-releases/joint-release-rules.ts';
import { JointReleaseFile } from '#domain/joint-releases/joint-release-file.schema.ts';
import type { Dependencies } from '#domain/containers/dependencies.ts';
import { neededMembers, orderMembers, type Orderable } from '#domain/joint-releases/order.ts';
import {
  jointApproval,
  jointSteps,
  plannedMember,
  versionOf,
  type DraftedMember,
} from '#domain/joint-releases/settle-joint-release.ts';
import type { JointPlan } from '#domain/plan/joint-plan.ts';
import { PLAN_SCHEMA_VERSION } from '#domain/plan/plan-base.ts';
import { floorOf } from '#domain/plan/plan-floor.ts';
import { loadApplications, type Application } from '../applications/load-applications.ts';
import type { EngineDeps } from '../engine.ts';
import { loadConfiguration } from '../environments/load-configuration.ts';
import { environmentNamed } from '../environments/load-environment.ts';
import { checkDocument, readDocument, refusal, type WrittenFile } from '../environments/read-document.ts';
import { repeatableWrite } from '../environments/repeatable-write.ts';
import { writeSecrets } from '../environments/secret-files.ts';
import { patientRead } from '../patient-read.ts';
import { refuseTooLarge } from '../plans/create-plan.ts';
import { planDigest } from '../plans/digest.ts';
import { draftRelease } from '../plans/draft-release.ts';
import { expectTarget } from '../plans/expect-target.ts';
import { plannedSchedule } from '../plans/planned-schedule.ts';

export interface CreateJointRelease {
  readonly file: WrittenFile;
  /** Wins over the one in the file. */
  readonly environment: string | undefined;
  readonly author: string;
}

export interface CreatedJointRelease extends StoredPlan<JointPlan> {
  /** What is accepted and still worth knowing. */
  readonly notes: readonly string[];
}

/**
 * Plans a release of several applications: each of them now, as an ordinary plan, and the order in which they go out. Its
 * digest covers theirs. Throws a catalogue error naming the place in the file; nothing is stored then.
 */
export async function createJointRelease(deps: EngineDeps, input: CreateJointRelease): Promise<CreatedJointRelease> {
  const planId = newPlanId();
  const { document, secrets } = moveSecrets(readDocument(input.file), `${planId}.`);
  const file = checkDocument(JointReleaseFile, document, input.file.name);
  const wish: Wish = {
    file,
    fileName: input.file.name,
    planId,
    author: input.author,
    createdAt: new Date().toISOString(),
  };
  const ground = await patientRead(deps, async (pool) => {
    const whole = await loadConfiguration(pool);
    return groundOf(whole, await loadApplications(pool), wish, input.environment);
  });
  const { drafts, notes } = await draftMembers(deps, ground, wish);
  const plan = planOf(wish, ground, drafts);
  refuseTooLarge(plan, input.file.name);
  const stored = { plan, digest: planDigest(plan) };
  await writeSecrets(await deps.dataDirectory(), secrets);
  await repeatableWrite(deps, (pool) =>
    inTransaction(pool, async (connection) => {
      for (const draft of drafts) await insertPlan(connection, draft);
      await insertPlan(connection, stored);
      await insertJointRelease(connection, plan);
    }),
  );
  return { ...stored, notes };
}

const newPlanId = (): PlanId => `plan_${ulid()}` as PlanId;

interface Wish {
  readonly file: JointReleaseFile;
  readonly fileName: string;
  readonly planId: PlanId;
  readonly author: string;
  readonly createdAt: string;
}

interface Placed extends Orderable {
  /** 0-based position in the file. */
  readonly at: number;
  /** 1-based. */
  readonly wave: number;
  readonly needs: readonly string[];
}

interface Ground {
  readonly whole: WholeConfiguration;
  readonly environment: Environment;
  /** In the order in which they go out. */
  readonly order: readonly Placed[];
}

/** Throws CONFIG_INVALID for a missing environment, unknown applications and circles, ENVIRONMENT_UNKNOWN, PLAN_TARGET_MISMATCH. */
function groundOf(
  whole: WholeConfiguration,
  applications: readonly Application[],
  { file, fileName }: Wish,
  asked: string | undefined,
): Ground {
  const name = asked ?? file.environment;
  if (name === undefined) throw refusal([NO_ENVIRONMENT], fileName);
  const where = asked === undefined ? `${fileName}: environment` : '--environment';
  const environment = environmentNamed(whole, name, where);
  expectTarget(environment, 'docker', where);
  const known = applications.map((one) => one.name);
  const unknown = file.applications.flatMap((one, at) =>
    known.includes(one.name) ? [] : [unknownName(`applications[${at}].name`, 'application', one.name, known)],
  );
  if (unknown.length > 0) throw refusal(unknown, fileName);
  return { whole, environment, order: orderOf(file, applications, fileName) };
}

const NO_ENVIRONMENT = {
  path: 'environment',
  expected: 'the name of an environment with target docker',
  got: 'nothing',
  fix: 'Set environment, or give --environment NAME.',
};

function orderOf({ applications }: JointReleaseFile, all: readonly Application[], fileName: string): Placed[] {
  const needs: Dependencies = Object.fromEntries(all.map(({ name, spec }) => [name, spec.depends_on]));
  const critical = new Map(all.map(({ name, spec }) => [name, spec.critical]));
  const members = applications.map(({ name }, at) => ({ name, at, critical: critical.get(name) ?? false }));
  const ordered = orderMembers(members, needs);
  if (ordered.kind === 'circle') {
    const got = ordered.circle.join(' → ');
    const fix = 'Take one of them out of depends_on: sluice app apply -f FILE.';
    throw refusal(
      [{ path: 'applications', expected: 'applications that do not wait for each other', got, fix }],
      fileName,
    );
  }
  return ordered.waves.flatMap((wave, at) =>
    wave.map((one) => ({ ...one, wave: at + 1, needs: neededMembers(one.name, members, needs) })),
  );
}

/** Each as if it were planned alone; what its planner says is told under its name. */
async function draftMembers(
  deps: EngineDeps,
  { environment, order }: Ground,
  { file, fileName, author, createdAt }: Wish,
): Promise<{ drafts: DraftedMember[]; notes: string[] }> {
  const drafts: DraftedMember[] = [];
  const notes: string[] = [];
  for (const placed of order) {
    const spec = file.applications[placed.at];
    if (spec === undefined) continue;
    const { name, version, config } = spec;
    const described = config.description === '' ? { ...config, description: `part of release ${file.name}` } : config;
    const release = { application: name, version, environment: environment.name, config: described };
    const place = `${fileName}: applications[${placed.at}]`;
    const wish = { planId: newPlanId(), file: release, fileName: place, author, createdAt };
    const { plan, notes: said } = await draftRelease(deps, wish);
    drafts.push({ ...placed, plan, digest: planDigest(plan) });
    notes.push(...said.map((note) => (note.includes(name) ? note : `${name}: ${note}`)));
    if (plan.present === null) notes.push(`nothing is in use of ${name} yet: if the release is taken back, it stays`);
  }
  // A release that brings what another member needs is no reason to worry.
  const brought = new Set(order.map(({ name }) => name));
  return { drafts, notes: notes.filter((note) => !isBrought(note, brought)) };
}

const MISSING = /^\S+ depends on (.+), not deployed to \S+$/;

function isBrought(note: string, brought: ReadonlySet<string>): boolean {
  const [, missing = ''] = MISSING.exec(note) ?? [];
  return missing !== '' && missing.split(/, | and /).every((name) => brought.has(name));
}

function planOf(
  { file, fileName, planId, author, createdAt }: Wish,
  { whole, environment }: Ground,
  drafts: readonly DraftedMember[],
): JointPlan {
  const { name, stage, rollbackTimeoutMs } = environment;
  const { policy } = floorOf({ environment, configuration: whole.configuration }, { atOnce: false, waves: 1 });
  const isRequired = jointReleaseRules(whole.configuration.release).needsApproval;
  const approval = jointApproval(
    drafts.map(({ plan }) => plan),
    { policy, isRequired },
  );
  const members = drafts.map(plannedMember);
  return {
    schema: PLAN_SCHEMA_VERSION,
    planId,
    kind: 'joint-release',
    name: `release ${file.name} → ${name}`,
    description: '',
    author,
    createdAt,
    // Whoever is asked before a rollback is asked by the member that went bad: half a release is never left standing.
    environment: { name, stage, autoRollback: true, rollbackTimeoutMs, approverRole: policy.role },
    sourceEnvironment: null,
    release: { name: file.name, version: versionOf(members) },
    notes: file.notes,
    strategy: { kind: 'in-order' },
    members,
    steps: jointSteps(members, approval && { policy: approval, name: file.name }),
    watch: { everyMs: FOLLOW_EVERY_MS, criteria: NOTHING_WATCHED, healthChecks: [] },
    ...plannedSchedule({ fileName, createdAt }, { spec: file.schedule, path: 'schedule' }),
    overrides: [],
  };
}

/** How often a release looks whether a member's run has ended. */
const FOLLOW_EVERY_MS = 1_000;
/** Its members are watched, each by its own run. */
const NOTHING_WATCHED = { maxFailureRatePercent: null, minimumExecuted: 1, onHealthCheckFailure: false };
