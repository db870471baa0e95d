import { ulid } from 'ulid';
import { insertPlan } from '../../../activities/adapters/postgres/plans.ts';
import type { Pool } from '../../../activities/adapters/postgres/pool.ts';
import { missingApprovers, type WholeConfiguration } from '#domain/environments/references.ts';
import { moveSecrets } from '#domain/environments/secrets.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import type { PlanId } from '#domain/ids.ts';
import { PlanFile } from '#domain/plan/plan-file.schema.ts';
import { PLAN_SCHEMA_VERSION, type Plan, type PlannedFirmware } from '#domain/plan/plan.ts';
import { settleOptions, type RolloutOptions } from '#domain/plan/rollout-options.ts';
import { strategyNamed } from '#domain/strategies/fleet-strategies.ts';
import { checkArtifact } from '../artifacts/verify-artifacts.ts';
import type { EngineDeps } from '../engine.ts';
import { loadConfiguration } from '../environments/load-configuration.ts';
import { environmentNamed } from '../environments/load-environment.ts';
import { checkDocument, readDocument, refusal, type WrittenFile } from '../environments/read-document.ts';
import { writeSecrets } from '../environments/secret-files.ts';
import { chooseFirmware } from './choose-firmware.ts';
import { planDigest } from './digest.ts';
import { planNotes } from './plan-notes.ts';
import { selectTargets, type DeviceKind } from './select-targets.ts';
import { findNoWayBack } from './way-back.ts';

export interface CreatePlanInput {
  readonly file: WrittenFile;
  readonly author: string;
  /** The reason for going on although some devices could not be taken back; null refuses. */
  readonly acceptNoWayBack: string | null;
}

export interface CreatedPlan {
  readonly plan: Plan;
  readonly digest: string;
  /** What is accepted and still worth knowing. */
  readonly notes: readonly string[];
}

/**
 * Makes the plan that a file describes and stores it: immutable, with its digest. Everything that can be known before the
 * first device is checked here: names, the firmware's bytes and signature, that there are devices and a way back for each.
 * Throws a catalogue error naming the place in the file; nothing is stored then.
 */
export async function createPlan(deps: EngineDeps, input: CreatePlanInput): Promise<CreatedPlan> {
  const planId = `plan_${ulid()}` as PlanId;
  const { document, secrets } = moveSecrets(readDocument(input.file), `${planId}.`);
  const file = checkDocument(PlanFile, document, input.file.name);
  const pool = await deps.database();
  const whole = await loadConfiguration(pool);
  const { environment, options } = settle(whole, file, input.file.name);
  const wanted = { name: file.firmware ?? null, version: file.firmware_version, file: input.file.name };
  const firmware = await intactFirmware(deps, await chooseFirmware(pool, wanted));
  const { selection, kinds } = await selectTargets(pool, environment, { firmware, waves: options.waves });
  const overrides = await wayBackOverrides(pool, firmware, { kinds, input });
  const { name: environmentName, stage, autoRollback, rollbackTimeoutMs } = environment;
  const { notes, ...decided } = options;
  const plan: Plan = {
    schema: PLAN_SCHEMA_VERSION,
    planId,
    kind: 'fleet-rollout',
    name: file.name,
    description: file.description,
    author: input.author,
    createdAt: new Date().toISOString(),
    environment: { name: environmentName, stage, autoRollback, rollbackTimeoutMs },
    sourceEnvironment: file.source_environment ?? null,
    firmware,
    selection,
    ...decided,
    overrides,
  };
  const digest = planDigest(plan);
  await writeSecrets(deps.settings.dataDirectory, secrets);
  await insertPlan(pool, { plan, digest });
  const approvers = missingApprovers({ ...whole, environments: [environment] });
  return { plan, digest, notes: [...notes, ...planNotes(plan, { kinds, asked: file.firmware_version }), ...approvers] };
}

/** The plan file's environment and options. Throws ENVIRONMENT_UNKNOWN, PLAN_STRATEGY_NOT_FOR_FLEETS, CONFIG_INVALID. */
function settle(whole: WholeConfiguration, file: PlanFile, fileName: string) {
  const environment = environmentNamed(whole, file.target_environment, `${fileName}: target_environment`);
  if (file.source_environment !== undefined) {
    environmentNamed(whole, file.source_environment, `${fileName}: source_environment`);
  }
  const strategy = strategyNamed(file.strategy);
  if (strategy.kind === 'elsewhere') {
    const place = { where: `${fileName}: strategy`, found: file.strategy };
    throw sluiceError('PLAN_STRATEGY_NOT_FOR_FLEETS', { strategy: strategy.name }, place);
  }
  const settled = settleOptions({ file, environment, configuration: whole.configuration });
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
  firmware: PlannedFirmware,
  { kinds, input }: { readonly kinds: readonly DeviceKind[]; readonly input: CreatePlanInput },
): Promise<Plan['overrides']> {
  const stranded = await findNoWayBack(pool, firmware, kinds);
  if (stranded === null) return [];
  if (input.acceptNoWayBack !== null) {
    return [{ rule: 'NO_WAY_BACK', by: input.author, reason: input.acceptNoWayBack }];
  }
  const { devices, versions } = stranded;
  throw sluiceError('NO_WAY_BACK', { devices, versions: versions.join(', ') }, { where: input.file.name });
}
