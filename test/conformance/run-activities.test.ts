import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HttpHealthCheck } from '#domain/plan/health-check.ts';
import type { PlannedFirmware } from '#domain/plan/plan.ts';
import type { GateCheck } from '#domain/plan/steps.ts';
import type { GateOutcome } from '#domain/ports/gates.port.ts';
import type { RunView } from '#domain/run/run-view.ts';
import { createPool } from '../../activities/adapters/postgres/pool.ts';
import { readRunEvents } from '../../activities/adapters/postgres/run-events.ts';
import { createGateActivities } from '../../activities/gates/gates.activities.ts';
import { createJournalActivities } from '../../activities/journal/journal.activities.ts';
import { createWatchActivities } from '../../activities/watch/watch.activities.ts';
import { openFleetWorld, type FleetWorld } from '../support/fleet/fleet-world.ts';
import { gate } from '../support/runs/plan-builder.ts';
import { runPortsConformance, type RunPortsBed, type RunPortsWorld } from './run-ports.suite.ts';

const LONG_AGO = { heartbeatDetails: { looks: 80, sinceMs: 1_000 }, currentAttemptScheduledTimestampMs: 600_000 };
const NO_SUCH_SECRET = { username: 'ada', password: { secretRef: 'env:NOT_SET' } };
const LINK = { type: 'mqtt', name: 'link', broker: 'mqtt://127.0.0.1:1', topic: 't', timeoutMs: 500 } as const;

const CHECKS: Readonly<Record<GateOutcome['kind'], GateCheck>> = {
  passed: { run: 'firmware_validation' },
  failed: { run: 'command', command: ['sh', '-c', 'exit 1'], timeoutMs: 60_000 },
  not_evaluated: { run: 'none' },
  inconclusive: { run: 'health_check', checks: [{ ...LINK, retryCount: 0, credentials: NO_SUCH_SECRET }] },
};

async function openWorld(): Promise<RunPortsWorld> {
  const world = await openFleetWorld();
  const firmware = await world.addFirmware('1.1.0');
  const blind = createPool('postgresql://postgres@127.0.0.1:1/sluice');
  let status = 200;
  const service = createServer((_request, response) => response.writeHead(status).end());
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}/`;
  const set = (next: number): void => void (status = next);
  return {
    open: () => openBed(world, { firmware, url, blind, setStatus: set }),
    async close() {
      service.closeAllConnections();
      service.close();
      await blind.end();
      await world.close();
    },
  };
}

interface Place {
  readonly firmware: PlannedFirmware;
  readonly url: string;
  readonly blind: FleetWorld['pool'];
  readonly setStatus: (status: number) => void;
}

async function openBed(world: FleetWorld, { firmware, url, blind, setStatus }: Place): Promise<RunPortsBed> {
  const { pool } = world;
  const ref = await world.plan(firmware);
  const { run, planId } = ref;
  await pool.query('update runs set closed = true');
  await pool.query(
    `insert into runs (run_id, workflow_id, plan_id, environment, kind, phase, started_by)
     values ($1, $1, $2, 'production', 'fleet-rollout', 'queued', 'ada')`,
    [run, planId],
  );
  let watch = createWatchActivities(world);
  const health: HttpHealthCheck = {
    ...{ type: 'http', name: 'api', url, method: 'GET', expectedStatus: 200 },
    ...{ timeoutMs: 5_000, retryCount: 0 },
  };
  return {
    activities: {
      ...createGateActivities({ ...world, containers: null }),
      ...createJournalActivities(world),
      watchCriteria: (input) => watch.watchCriteria(input),
      lookOnce: (input) => watch.lookOnce(input),
    },
    ref,
    gate: (kind) => gate({ check: CHECKS[kind] }),
    async stand(how) {
      setStatus(how === 'ill' ? 500 : 200);
      if (how === 'failing') await addFailedDevice(world, run);
      if (how === 'unseen') watch = createWatchActivities({ ...world, pool: blind });
      return how === 'unseen' ? LONG_AGO : {};
    },
    healthChecks: [health],
    journal: () => readRunEvents(pool, run, { afterSeq: 0, limit: 100 }),
    async view() {
      const { rows } = await pool.query<{ view: RunView | null }>('select view from runs where run_id = $1', [run]);
      return rows[0]?.view ?? null;
    },
  };
}

async function addFailedDevice({ pool }: FleetWorld, run: string): Promise<void> {
  await pool.query(
    `with job as (
       insert into jobs (job_id, run_id, purpose, wave, version, document, in_progress_timeout_ms, confirm_within_ms, confirm)
       values ($1 || '-w1', $1, 'install', 1, '1.1.0', '{}', 1, 1, 'succeeded') returning seq
     )
     insert into job_counters (job_seq, slot, failed) select seq, 0, 1 from job`,
    [run],
  );
}

runPortsConformance('the activities', openWorld);
