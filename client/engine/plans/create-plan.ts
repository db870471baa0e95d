import { ulid } from 'ulid';
import { insertPlan, type StoredPlan } from '../../../activities/adapters/postgres/plans.ts';
import { moveSecrets } from '#domain/environments/secrets.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import type { PlanId } from '#domain/ids.ts';
import type { Plan } from '#domain/plan/plan.ts';
import { PlanFile } from '#domain/plan/plan-file.schema.ts';
import { runPlanOf } from '#domain/plan/run-plan.ts';
import type { EngineDeps } from '../engine.ts';
import { checkDocument, readDocument, type WrittenFile } from '../environments/read-document.ts';
import { repeatableWrite } from '../environments/repeatable-write.ts';
import { writeSecrets } from '../environments/secret-files.ts';
import { patientRead } from '../patient-read.ts';
import { plainText } from '../plain-text.ts';
import { planDigest } from './digest.ts';
import { draftPlan } from './draft-plan.ts';
import { draftRelease } from './draft-release.ts';
import { checkRelease, isRelease } from './read-release.ts';

export interface CreatePlanInput {
  readonly file: WrittenFile;
  readonly author: string;
  /** The reason for going on although some devices could not be taken back; null refuses. */
  readonly acceptNoWayBack: string | null;
}

export interface CreatedPlan extends StoredPlan {
  /** What is accepted and still worth knowing. */
  readonly notes: readonly string[];
}

/**
 * Makes the plan that a file describes and stores it: immutable, with its digest. Everything that can be known before the
 * first effect is checked here: names, the firmware's bytes and signature, that there are devices and a way back for each;
 * of a release what its tag means now. Throws a catalogue error naming the place in the file; nothing is stored then.
 */
export async function createPlan(deps: EngineDeps, input: CreatePlanInput): Promise<CreatedPlan> {
  const planId = `plan_${ulid()}` as PlanId;
  const { document, secrets } = moveSecrets(readDocument(input.file), `${planId}.`);
  const { plan, notes } = await draft(deps, { ...input, planId, document });
  const stored = { plan, digest: planDigest(plan) };
  refuseTooLarge(plan, input.file.name);
  await writeSecrets(await deps.dataDirectory(), secrets);
  await repeatableWrite(deps, (pool) => insertPlan(pool, stored));
  return { ...stored, notes };
}

interface Draft extends CreatePlanInput {
  readonly planId: PlanId;
  /** The file without its secrets. */
  readonly document: unknown;
}

/** What a file plans, its keys tell. */
async function draft(deps: EngineDeps, { planId, document, ...input }: Draft) {
  const { author } = input;
  const fileName = input.file.name;
  const wish = { planId, fileName, author, createdAt: new Date().toISOString() };
  if (isRelease(document)) return draftRelease(deps, { ...wish, file: checkRelease(document, fileName) });
  const file = checkDocument(PlanFile, document, fileName);
  const acceptNoWayBack = input.acceptNoWayBack === null ? null : plainText(input.acceptNoWayBack, '--reason');
  return patientRead(deps, (pool) => draftPlan(deps, pool, { ...wish, file, acceptNoWayBack }));
}

/** Temporal takes 2 MB for a run's whole input, and replays what it holds. */
const LARGEST_PLAN = 262_144;

/** Known only now: a run that is too large to start would be refused by the server, after its approvals. */
export function refuseTooLarge(plan: Plan, where: string): void {
  const bytes = Buffer.byteLength(JSON.stringify(runPlanOf(plan)));
  if (bytes > LARGEST_PLAN) throw sluiceError('PLAN_TOO_LARGE', { bytes, most: LARGEST_PLAN }, { where });
}
