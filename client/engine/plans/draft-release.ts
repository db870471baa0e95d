import type { Pool } from '../../../activities/adapters/postgres/pool.ts';
import { readStableReleases } from '../../../activities/adapters/postgres/releases-of-applications.ts';
import { credentialsOf, plannedApplication, referenceOf, replicasOf } from '#domain/containers/planned-application.ts';
import type { Environment } from '#domain/environments/environment.ts';
import type { WholeConfiguration } from '#domain/environments/references.ts';
import type { PlanId } from '#domain/ids.ts';
import { missingForPlan } from '#domain/plan/approvers.ts';
import type { ContainerPlan, PlannedApplication, PresentRelease } from '#domain/plan/container-plan.ts';
import { PLAN_SCHEMA_VERSION, type PromotedFrom } from '#domain/plan/plan-base.ts';
import type { ReleaseFile } from '#domain/plan/release-file.schema.ts';
import { settleRelease, type ReleaseOptions } from '#domain/plan/settle-release.ts';
import type { PinnedImage } from '#domain/ports/container-engine.port.ts';
import { loadApplication, type Application } from '../applications/load-applications.ts';
import { enginesOf } from '../containers/engines-of.ts';
import type { EngineDeps } from '../engine.ts';
import { loadConfiguration } from '../environments/load-configuration.ts';
import { environmentNamed } from '../environments/load-environment.ts';
import { refusal } from '../environments/read-document.ts';
import { refuseUnpassed } from '../promotions/refuse-unpassed.ts';
import { stillThere } from '../promotions/still-there.ts';
import { patientRead } from '../patient-read.ts';
import { expectTarget } from './expect-target.ts';
import { plannedSchedule } from './planned-schedule.ts';
import { releaseNotes } from './release-notes.ts';

/** What somebody wants released. */
export interface ReleaseWish {
  readonly planId: PlanId;
  readonly file: ReleaseFile;
  readonly fileName: string;
  readonly author: string;
  readonly createdAt: string;
  /** A release made before, to go out once more byte for byte; without it the tag is asked what it means now. */
  readonly again?: PlannedApplication;
  /** A version that passed elsewhere: its image, whatever its tag means now, and where that was. */
  readonly promoted?: { readonly image: PinnedImage; readonly from: PromotedFrom };
}

export interface DraftedRelease {
  readonly plan: ContainerPlan;
  readonly notes: readonly string[];
}

/** The plan that follows from the wish, from what is in use now and from what the tag means now. Throws as `createPlan`. */
export async function draftRelease(deps: EngineDeps, wish: ReleaseWish): Promise<DraftedRelease> {
  const { config } = wish.file;
  const ground = await patientRead(deps, (pool) => survey(pool, wish));
  const options = settle(ground, wish);
  const plan = planOf(wish, ground, { options, application: await applicationOf(deps, ground, wish) });
  const place = `${wish.fileName}: environment`;
  await patientRead(deps, (pool) => refuseUnpassed(pool, ground.environment, plan, place));
  const wished = { setsApprovals: config.approvals !== undefined, deployed: ground.deployed };
  const approvers = missingForPlan(plan, ground.whole.configuration.people ?? {});
  return { plan, notes: [...options.notes, ...releaseNotes(plan, wished), ...approvers] };
}

async function applicationOf(
  deps: EngineDeps,
  ground: Ground,
  { file, again, promoted }: ReleaseWish,
): Promise<PlannedApplication> {
  const { config, version } = file;
  const { name, spec } = ground.application;
  const engines = enginesOf(deps.settings, ground.environment);
  if (again) return { ...again, engines, replicas: config.replicas ?? again.replicas };
  const asked = { reference: referenceOf(spec, version), credentials: credentialsOf(spec), engines };
  // Asked once: from here on the plan means these bytes, whatever the tag is moved to.
  const image = promoted
    ? await stillThere(deps, { name, version, image: promoted.image }, asked)
    : await deps.containers.resolveImage(asked);
  return plannedApplication({ name, version, spec, config, engines }, image);
}

/** What a release is planned upon. */
interface Ground {
  readonly whole: WholeConfiguration;
  readonly environment: Environment;
  readonly application: Application;
  readonly present: PresentRelease | null;
  /** Applications with a release in use in the environment. */
  readonly deployed: readonly string[];
}

/** Throws ENVIRONMENT_UNKNOWN, PLAN_TARGET_MISMATCH, APPLICATION_UNKNOWN. */
async function survey(pool: Pool, { file, fileName }: ReleaseWish): Promise<Ground> {
  const whole = await loadConfiguration(pool);
  const environment = environmentNamed(whole, file.environment, `${fileName}: environment`);
  expectTarget(environment, 'docker', `${fileName}: environment`);
  const { source_environment: source } = file.config;
  if (source !== undefined) environmentNamed(whole, source, `${fileName}: config.source_environment`);
  const application = await loadApplication(pool, file.application, `${fileName}: application`);
  const stable = (await readStableReleases(pool)).filter((one) => one.environment === environment.name);
  const used = stable.find((one) => one.application === application.name);
  const present: PresentRelease | null = used
    ? { release: used.release, version: used.version, digest: used.digest, replicas: used.spec.replicas }
    : null;
  return { whole, environment, application, present, deployed: stable.map((one) => one.application) };
}

/** Throws CONFIG_INVALID with every problem of the file. */
function settle({ whole, environment, application, present }: Ground, { file, fileName }: ReleaseWish): ReleaseOptions {
  const { config } = file;
  const replicas = replicasOf({ spec: application.spec, config });
  const settled = settleRelease({ environment, configuration: whole.configuration, config, replicas, present });
  if (settled.kind === 'refused') throw refusal(settled.problems, fileName);
  return settled.options;
}

interface Settled {
  readonly options: ReleaseOptions;
  readonly application: PlannedApplication;
}

function planOf(
  { planId, file, fileName, author, createdAt, promoted }: ReleaseWish,
  { environment, present }: Ground,
  { options, application }: Settled,
): ContainerPlan {
  const { name, stage, autoRollback, rollbackTimeoutMs } = environment;
  const { strategy, steps, watch, rules, analysis, approverRole } = options;
  return {
    schema: PLAN_SCHEMA_VERSION,
    planId,
    kind: 'container-release',
    name: file.config.name ?? `${application.name} ${application.version} → ${name}`,
    description: file.config.description,
    author,
    createdAt,
    environment: { name, stage, autoRollback, rollbackTimeoutMs, approverRole },
    sourceEnvironment: file.config.source_environment ?? null,
    ...(promoted && { promotedFrom: promoted.from }),
    application,
    strategy,
    present,
    rules,
    analysis,
    steps,
    watch,
    ...plannedSchedule({ fileName, createdAt }, { spec: file.config.schedule, path: 'config.schedule' }),
    overrides: [],
  };
}
