import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeviceRegistration } from '#domain/fleet/device.schema.ts';
import { addArtifact } from '../../../client/engine/artifacts/add-artifact.ts';
import { registerDevices } from '../../../client/engine/devices/register-devices.ts';
import { applyConfiguration } from '../../../client/engine/environments/apply-configuration.ts';
import { createPlan, type CreatedPlan } from '../../../client/engine/plans/create-plan.ts';
import type { FleetPlan, Plan } from '#domain/plan/plan.ts';
import { openTestEngine, type TestEngine } from '../registry/test-engine.ts';

/** A registry with a fleet and firmware, to make plans in. */
export interface PlanningWorld extends TestEngine {
  apply(yaml: string): ReturnType<typeof applyConfiguration>;
  firmware(version: string, options?: FirmwareOptions): Promise<void>;
  devices(count: number, options?: DeviceOptions): Promise<void>;
  plan(
    file: string | object,
    options?: { author?: string; acceptNoWayBack?: string | null },
  ): Promise<CreatedFleetPlan>;
}

type CreatedFleetPlan = CreatedPlan & { readonly plan: FleetPlan };

interface FirmwareOptions {
  readonly name?: string;
  readonly hardware?: readonly string[];
  readonly minimumVersion?: string | null;
}

interface DeviceOptions {
  readonly firmware?: string;
  readonly hardware?: string;
  readonly prefix?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

const BY = { name: 'lin', roles: [], verified: false };

export async function openPlanningWorld(): Promise<PlanningWorld> {
  const engine = await openTestEngine();
  const { deps, folder } = engine;
  return {
    ...engine,
    apply: (content) => applyConfiguration(deps, { file: { content, name: 'config.yaml' }, by: 'lin' }),
    firmware: async (version, { name = 'edge', hardware = ['edge-a'], minimumVersion = null } = {}) => {
      const source = join(folder, `${name}-${version}.bin`);
      writeFileSync(source, `${name} ${version} `.repeat(1_000));
      const label = { name, version, hardware, minimumVersion, sha256: null };
      await addArtifact(deps, { source, label, signingKeyFile: null, by: BY });
    },
    devices: async (count, { firmware = '1.0.0', hardware = 'edge-a', prefix = 'dev', tags = {} } = {}) => {
      const things = Array.from({ length: count }, (_, at) => `${prefix}-${String(at + 1).padStart(4, '0')}`);
      await registerDevices(
        deps,
        things.map((thing) => DeviceRegistration.parse({ thing, hardware, firmware, tags })),
      );
    },
    plan: async (file, { author = 'lin', acceptNoWayBack = null } = {}) => {
      const content = typeof file === 'string' ? file : JSON.stringify(file);
      const created = await createPlan(deps, { file: { content, name: 'plan.yaml' }, author, acceptNoWayBack });
      return { ...created, plan: fleetPlan(created.plan) };
    },
  };
}

/** `plan`, which is one for devices. */
export function fleetPlan(plan: Plan): FleetPlan {
  if (plan.kind === 'fleet-rollout') return plan;
  throw new Error('a plan for containers');
}
