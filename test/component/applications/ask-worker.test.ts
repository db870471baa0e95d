import type { Client } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fail } from '../../../activities/runtime/fail.ts';
import { connectTemporal } from '../../../activities/adapters/temporal/connect.ts';
import { askWorker } from '../../../client/engine/containers/ask-worker.ts';
import { main } from '../../../client/cli/main.ts';
import { DEFAULT_QUEUES } from '#domain/queues.ts';
import { FakeOperations, pinned } from '../../support/containers/fake-operations.ts';
import { CONFIGURATION, openReleaseWorld, type ReleaseWorld } from '../../support/containers/release-world.ts';
import { startTemporal, type TemporalServer } from '../../support/servers/temporal.ts';

Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'ERROR' } } });

const QUESTION = { reference: 'registry.test/shop:1', credentials: null, engines: [] };

let server: TemporalServer;
let client: Client;
let world: ReleaseWorld;
beforeAll(async () => {
  server = await startTemporal();
  client = await connectTemporal(server);
  world = await openReleaseWorld();
  await world.configure(CONFIGURATION);
});
afterAll(async () => {
  await world.close();
  await client.connection.close();
  await server.stop();
});

/** The result of `work` while a worker answers with `operations`. */
async function withWorker<T>(operations: object, work: () => Promise<T>): Promise<T> {
  const connection = await NativeConnection.connect({ address: server.address });
  const { namespace } = server;
  const taskQueue = DEFAULT_QUEUES.docker;
  const worker = await Worker.create({ connection, namespace, taskQueue, activities: activitiesOf(operations) });
  try {
    return await worker.runUntil(work());
  } finally {
    await connection.close();
  }
}

const activitiesOf = (operations: object): object =>
  Object.fromEntries(
    ['resolveImage', 'observeEnvironment', 'readLogs', 'validateEnvironment'].map((name) => [
      name,
      (input: unknown) => (operations as Record<string, (input: unknown) => unknown>)[name]?.(input),
    ]),
  );

const ask = (takenWithinMs?: number) => askWorker(async () => client, server.address, takenWithinMs);

interface Said {
  readonly exitCode: number;
  readonly stdout: string;
}

async function sluice(...line: string[]): Promise<Said> {
  let stdout = '';
  const stream = { write: (text: string) => void (stdout += text) };
  const env = {
    SLUICE_DATA_DIR: world.folder,
    SLUICE_DATABASE_URL: world.databaseUrl,
    TEMPORAL_ADDRESS: server.address,
    TEMPORAL_NAMESPACE: server.namespace,
    SLUICE_USER: 'lin',
  };
  const exitCode = await main(line, { stdout: stream, stderr: stream, env });
  return { exitCode, stdout };
}

describe('asking the worker for containers', () => {
  it('gives its answer', async () => {
    const answer = await withWorker(new FakeOperations(), () => ask().resolveImage(QUESTION));
    expect(answer).toEqual(pinned(QUESTION.reference));
  });

  it('throws what it threw, code and place', async () => {
    const refusing = { resolveImage: () => fail('SECRET_UNRESOLVED', { ref: 'env:TOKEN' }) };
    const failed = withWorker(refusing, () => ask().resolveImage(QUESTION));
    await expect(failed).rejects.toMatchObject({ code: 'SECRET_UNRESOLVED', exitCode: 2 });
  });

  it('says that something unexpected happened when it was no error of ours', async () => {
    const broken = { resolveImage: () => Promise.reject(new TypeError('x is not a function')) };
    const failed = withWorker(broken, () => ask().resolveImage(QUESTION));
    await expect(failed).rejects.toMatchObject({ code: 'INTERNAL', message: 'unexpected: x is not a function' });
  });

  it('says that no worker answers, and how to start one', async () => {
    await expect(ask(300).resolveImage(QUESTION)).rejects.toMatchObject({
      code: 'STACK_NOT_RUNNING',
      report: {
        message: 'a worker for containers does not answer at task queue sluice-docker',
        hint: 'start it: npx sluice up',
      },
    });
  });
});

describe('the command line', () => {
  it('shows what was seen of every environment with containers', async () => {
    const facts = {
      version: '20.10.24',
      apiVersion: '1.41',
      liveRestore: false,
      cpus: 2,
      memoryBytes: 4 * 1024 ** 3,
      rootDirectory: '/var/lib/docker',
      freeBytes: 1024 ** 3,
    };
    const operations = new FakeOperations();
    operations.observed = {
      environment: 'production',
      engines: [{ name: 'local', answer: { kind: 'facts', facts } }],
      router: { kind: 'facts', facts: { version: '2.6.12', pid: 7, uptimeSeconds: 90 } },
      applications: [],
      rebuilt: ['shop: release 7'],
    };
    await withWorker(operations, async () => {
      const { exitCode, stdout } = await sluice('env', 'observe', 'production', '--rebuild');
      expect(exitCode).toBe(0);
      expect(stdout).toContain('✓  engine local  Docker 20.10.24, 2 CPUs, 4 GiB, 1 GiB free · live-restore is off');
      expect(stdout).toContain('✓  router        HAProxy 2.6.12, up for 1 min 30 s');
      expect(stdout).toContain('shop: release 7');
      const all = JSON.parse((await sluice('env', 'observe', '--output', 'json')).stdout) as { environments: object[] };
      expect(all.environments).toHaveLength(2);
    });
    expect(operations.asked[0]).toMatchObject({ name: 'observeEnvironment', input: { rebuild: true } });
    expect((await sluice('env', 'observe', 'field')).stdout).toContain('PLAN_TARGET_MISMATCH');
  });

  it('ends with an exit code by what an environment lacks', async () => {
    const operations = new FakeOperations();
    operations.checks = [{ name: 'resource_availability', kind: 'passed', findings: ['2 CPUs'], hint: '' }];
    await withWorker(operations, async () => {
      expect((await sluice('env', 'validate', 'production')).exitCode).toBe(0);
      const hint = 'start HAProxy';
      operations.checks = [{ name: 'network_connectivity', kind: 'failed', findings: ['no router answers'], hint }];
      const { exitCode, stdout } = await sluice('env', 'validate', 'production');
      expect(exitCode).toBe(6);
      expect(stdout).toContain('✗ network_connectivity\n    no router answers\n    → start HAProxy');
    });
  });

  it('plans, shows and lists a release', async () => {
    await world.applications('applications: { shop: { image: registry.test/shop, port: 8080, replicas: 4 } }');
    await world.release(
      (await world.plan({ application: 'shop', version: '1.0.0', environment: 'production' })).plan,
      1,
    );
    const { plan } = await world.plan({
      application: 'shop',
      version: '1.1.0',
      environment: 'production',
      config: { strategy: 'canary', canary_steps: [25], rollback_criteria: { user_reported_issues: 3 } },
    });
    const { stdout } = await sluice('plan', 'show', '--plan-id', plan.planId);
    expect(stdout).toMatch(/- {2}4 × {2}shop 1\.0\.0 {2}sha256:[0-9a-f]{12}…\n {2}\+ {2}4 × {2}shop 1\.1\.0/);
    expect(stdout).toContain('25 %   5 min of bake\n    100 %  5 min of bake');
    expect(stdout).toContain('to shop 1.0.0 (release 1, sha256:');
    expect(stdout).toContain('people report 3 issues');
    expect((await sluice('plan', 'list')).stdout).toMatch(/shop 1\.1\.0 +production/);
    const asked = await sluice('deploy', 'rollback', '--application', 'shop');
    expect(asked).toMatchObject({
      exitCode: 2,
      stdout: expect.stringContaining('name the run, or the application') as unknown,
    });
  });
});
