// The durable side: a real plan, executed by the engine's own use cases, to its end.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import type { FleetPlan } from '#domain/plan/plan.ts';
import { addArtifact } from '../../../client/engine/artifacts/add-artifact.ts';
import type { Person } from '../../../client/engine/engine.ts';
import { applyConfiguration } from '../../../client/engine/environments/apply-configuration.ts';
import { createGroup } from '../../../client/engine/groups/create-group.ts';
import { createPlan } from '../../../client/engine/plans/create-plan.ts';
import { executePlan } from '../../../client/engine/runs/execute-plan.ts';
import { eventually } from '../../support/eventually.ts';
import type { BenchWorld } from './bench-world.ts';

const FIRMWARE = 'edge';
const HARDWARE = 'edge-a';
const ENVIRONMENT = 'bench';
const BENCH: Person = { name: 'bench', roles: [], verified: false };

export interface DurableEnd {
  readonly phase: string;
  /** From the command to the end of the run: planning, targets, offers, verdict. */
  readonly runMs: number;
  /** Over every workflow and run that the rollout had. */
  readonly historyEvents: number;
}

/** Environment, group and firmware files that the rounds use. */
export async function prepareRollouts({ deps, settings }: BenchWorld, versions: readonly string[]): Promise<void> {
  await createGroup(deps, { name: 'all', filter: `device.hardware == "${HARDWARE}"` });
  const environments = { [ENVIRONMENT]: { stage: 'testing', device_groups: ['all'], approval_required: false } };
  await applyConfiguration(deps, {
    by: BENCH.name,
    file: { name: 'bench', content: JSON.stringify({ environments }) },
  });
  for (const version of versions) {
    const source = join(settings.dataDirectory, `${FIRMWARE}-${version}.bin`);
    writeFileSync(source, `firmware ${version}`);
    const label = { name: FIRMWARE, version, hardware: [HARDWARE], minimumVersion: null, sha256: null };
    await addArtifact(deps, { source, label, signingKeyFile: null, by: BENCH });
  }
}

/** A plan that offers `version` to all devices at once. */
export async function planRollout({ deps }: BenchWorld, version: string): Promise<FleetPlan> {
  const content = JSON.stringify({
    name: `bench ${version}`,
    firmware: FIRMWARE,
    firmware_version: version,
    target_environment: ENVIRONMENT,
    strategy: 'immediate',
    bake: '0s',
  });
  const { plan } = await createPlan(deps, {
    file: { name: 'plan', content },
    author: BENCH.name,
    acceptNoWayBack: null,
  });
  if (plan.kind !== 'fleet-rollout') throw new Error(`a ${plan.kind} instead of a rollout`);
  return plan;
}

/** Plans and runs `version` on all devices at once; resolves when the run has ended. */
export async function runDurable(world: BenchWorld, version: string): Promise<DurableEnd> {
  const { deps } = world;
  const plan = await planRollout(world, version);
  const startedAt = performance.now();
  const { run, workflowId } = await executePlan(deps, { planId: plan.planId, person: BENCH });
  const client = await deps.temporal();
  await client.workflow.getHandle(workflowId).result();
  const runMs = performance.now() - startedAt;
  const { rows } = await (
    await deps.database()
  ).query<{ phase: string }>('select phase from runs where run_id = $1', [run]);
  return { phase: rows[0]?.phase ?? 'unknown', runMs, historyEvents: await historyEvents(workflowId, client) };
}

/** The list of executions follows with a delay, so it is read until it has the root's end. */
async function historyEvents(root: string, client: Client): Promise<number> {
  const query = `WorkflowId = "${root}" or RootWorkflowId = "${root}"`;
  const executions = await eventually(async () => {
    const found = [];
    for await (const execution of client.workflow.list({ query })) found.push(execution);
    const isWhole = found.some(({ workflowId, status }) => workflowId === root && status.name === 'COMPLETED');
    if (!isWhole) throw new Error(`${root} is not listed as completed`);
    return found;
  });
  const described = executions.map(({ workflowId, runId }) => client.workflow.getHandle(workflowId, runId).describe());
  return (await Promise.all(described)).reduce((sum, { historyLength }) => sum + historyLength, 0);
}
