import type { Pool } from '../../../activities/adapters/postgres/pool.ts';
import type { WholeConfiguration } from '#domain/environments/references.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import type { PlanId } from '#domain/ids.ts';
import { missingForPlan } from '#domain/plan/approvers.ts';
import type { PlanFile } from '#domain/plan/plan-file.schema.ts';
import type { DeviceSelection, FleetPlan, PlannedFirmware } from '#domain/plan/plan.ts';
import { PLAN_SCHEMA_VERSION, type PromotedFrom } from '#domain/plan/plan-base.ts';
import { settleOptions, type RolloutOptions } from '#domain/plan/rollout-options.ts';
import { plannedSchedule } from './planned-schedule.ts';
import { strategyNamed } from '#domain/strategies/strategy-names.ts';
import { checkArtifact } from '../artifacts/verify-artifacts.ts';
import type { EngineDeps } from '../engine.ts';
import { loadConfiguration } from '../environments/load-configuration.ts';
import { environmentNamed } from '../environments/load-environment.ts';
import { refusal } from '../environments/read-document.ts';
import { refuseUnpassed } from '../promotions/refuse-unpassed.ts';
import { chooseFirmware } from './choose-firmware.ts';
import { expectTarget } from './expect-target.ts';
import { planNotes } from './plan-notes.ts';
import { selectTargets, type DeviceKind } from './select-targets.ts';
import { findNoWayBack } from './way-back.ts';

/** What somebody wants planned. */
export interface PlanWish {
  readonly planId: PlanId;
  readonly file: PlanFile;
  readonly fileName: string;
  readonly author: string;
  readonly createdAt: string;
  /** The reason for going on although some devices could not be taken back; null refuses. */
  readonly acceptNoWayBack: string | null;
  /** Where the firmware passed before. */
  readonly promotedFrom?: PromotedFrom;
}

export interface DraftedPlan {
  readonly plan: FleetPlan;
  readonly notes: readonly string[];
}

/** The plan that follows from the wish and from what is in the registry now. Reads only; throws as `createPlan`. */
export async function draftPlan(deps: EngineDeps, pool: Pool, wish: PlanWish): Promise<DraftedPlan> {
  const { file, fileName } = wish;
  const whole = await loadConfiguration(pool);
  const { environment, options } = settle(whole, wish, null);
  const wanted = { name: file.firmware ?? null, version: file.firmware_version, file: fileName };
  const firmware = await intactFirmware(deps, await chooseFirmware(pool, wanted));
  const { selection, reached } = await selectTargets(pool, environment, { firmware, waves: options.waves });
  const { name, stage, autoRollback, rollbackTimeoutMs } = environment;
  // Again: only the count tells whether a first wave by number, name or filter takes everything at once.
  const { notes, approverRole, ...decided } = settle(whole, wish, selection).options;
  const plan: FleetPlan = {
    schema: PLAN_SCHEMA_VERSION,
    planId: wish.planId,
    kind: 'fleet-rollout',
    name: file.name,
    description: file.description,
    author: wish.author,
    createdAt: wish.createdAt,
    environment: { name, stage, autoRollback, rollbackTimeoutMs, approverRole },
    sourceEnvironment: file.source_environment ?? null,
    ...(wish.promotedFrom && { promotedFrom: wish.promotedFrom }),
    firmware,
    selection,
    ...decided,
    ...plannedSchedule(wish, { spec: file.schedule, path: 'schedule' }),
    overrides: await wayBackOverrides(pool, wish, { firmware, kinds: reached }),
  };
  await refuseUnpassed(pool, environment, plan, `${fileName}: target_environment`);
  const approvers = missingForPlan(plan, whole.configuration.people ?? {});
  const wished = { reached, asked: file.firmware_version, setsApprovals: file.approvals !== undefined };
  return { plan, notes: [...notes, ...planNotes(plan, wished), ...approvers] };
}

/** The plan file's environment and options. Throws ENVIRONMENT_UNKNOWN, PLAN_TARGET_MISMATCH, PLAN_STRATEGY_NOT_FOR_FLEETS, CONFIG_INVALID. */
function settle(whole: WholeConfiguration, { file, fileName }: PlanWish, counted: DeviceSelection | null) {
  const environment = environmentNamed(whole, file.target_environment, `${fileName}: target_environment`);
  if (file.source_environment !== undefined) {
    environmentNamed(whole, file.source_environment, `${fileName}: source_environment`);
  }
  expectTarget(environment, 'fleet', `${fileName}: target_environment`);
  const strategy = strategyNamed('fleet', file.strategy);
  if (strategy.kind === 'elsewhere') {
    const place = { where: `${fileName}: strategy`, found: file.strategy };
    throw sluiceError('PLAN_STRATEGY_NOT_FOR_FLEETS', { strategy: strategy.name }, place);
  }
  const sources = { file, environment, configuration: whole.configuration };
  const settled = settleOptions(counted === null ? sources : { ...sources, counted });
  if (settled.kind === 'refused') throw refusal(settled.problems, fileName);
  const options: RolloutOptions = settled.options;
  return { environment, options };
}

async function intactFirmware(deps: EngineDeps, firmware: PlannedFirmware): Promise<PlannedFirmware> {
  const check = await checkArtifact(deps, firmware);
  if (check.kind === 'intact') return firmware;
  throw sluiceError('ARTIFACT_CORRUPT', { name: firmware.name, version: firmware.version, why: check.why });
}

async function wayBackOverrides(
  pool: Pool,
  { author, acceptNoWayBack, fileName }: PlanWish,
  { firmware, kinds }: { readonly firmware: PlannedFirmware; readonly kinds: readonly DeviceKind[] },
): Promise<FleetPlan['overrides']> {
  const stranded = await findNoWayBack(pool, firmware, kinds);
  if (stranded === null) return [];
  if (acceptNoWayBack !== null) return [{ rule: 'NO_WAY_BACK', by: author, reason: acceptNoWayBack }];
  const { devices, versions } = stranded;
  throw sluiceError('NO_WAY_BACK', { devices, versions: versions.join(', ') }, { where: fileName });
}
