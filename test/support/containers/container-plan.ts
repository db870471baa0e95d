// A release of an application, planned as a test needs it.
import { createHash, randomBytes } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { ProbeTiming } from '#domain/containers/probe.ts';
import type { PlanId } from '#domain/ids.ts';
import type { ContainerPlan, PlannedApplication } from '#domain/plan/container-plan.ts';
import type { RunRef } from '#domain/ports/fleet.port.ts';
import { insertPlan } from '../../../activities/adapters/postgres/plans.ts';
import type { Pool } from '../../../activities/adapters/postgres/pool.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const TIMING: ProbeTiming = { everyMs: 1_000, timeoutMs: 2_000, healthyAfter: 1, unhealthyAfter: 3 };

/** `shop` 2.0.0, two instances on one engine; `changes` replace parts. */
export function plannedApplication(changes: Partial<PlannedApplication> = {}): PlannedApplication {
  const image = `registry.example/shop@${DIGEST}`;
  const probe = { kind: 'http', path: '/health', expectedStatus: 200, timing: TIMING } as const;
  return {
    name: 'shop',
    version: '2.0.0',
    reference: 'registry.example/shop:2.0.0',
    image: { pin: 'registry-digest', image, digest: DIGEST, sizeBytes: 1_000 },
    credentials: null,
    replicas: 2,
    container: {
      image,
      port: 8080,
      env: {},
      command: null,
      mounts: [],
      networks: [],
      limits: { cpus: null, memoryBytes: null },
      stopGraceMs: 1_000,
      engineHealthCheck: null,
    },
    engines: [{ name: 'local', way: { kind: 'socket', path: '/nowhere.sock' }, reach: { kind: 'bridge' } }],
    readiness: probe,
    liveness: probe,
    drainMs: 1_000,
    routing: {
      listenPort: null,
      previewPort: null,
      rules: { header: null, allowClients: [], allowNetworks: [], clientIdHeader: 'x-client-id' },
      mirror: null,
      maximumHeld: 1_000,
    },
    dependsOn: [],
    critical: false,
    ...changes,
  };
}

/** A first deployment of it in `production`. */
export function containerPlanOf(application: Partial<PlannedApplication> = {}): ContainerPlan {
  return {
    schema: 1,
    planId: `plan_${randomBytes(6).toString('hex')}` as PlanId,
    kind: 'container-release',
    name: 'test release',
    description: '',
    author: 'ada',
    createdAt: '2026-01-01T00:00:00.000Z',
    environment: { name: 'production', stage: 'production', autoRollback: true, rollbackTimeoutMs: 60_000 },
    sourceEnvironment: null,
    steps: [],
    watch: {
      everyMs: 1_000,
      criteria: { maxFailureRatePercent: 10, minimumExecuted: 10, onHealthCheckFailure: true },
      healthChecks: [],
    },
    overrides: [],
    application: plannedApplication(application),
    strategy: { kind: 'first' },
    present: null,
    rules: { whileRunning: 'refuse', badStable: 'go-on', progressDeadlineMs: 60_000, keptReleases: 5 },
    analysis: null,
  };
}

/** Stores the plan; the reference of a new run of it. */
export async function storeContainerPlan(pool: Pool, plan: ContainerPlan): Promise<RunRef> {
  const digest = createHash('sha256')
    .update(canonicalize(plan) ?? '')
    .digest('hex');
  await insertPlan(pool, { plan, digest });
  return { run: `exe_${randomBytes(6).toString('hex')}`, planId: plan.planId, digest };
}
