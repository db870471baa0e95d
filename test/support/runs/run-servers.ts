import { Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { RUN_SEARCH_ATTRIBUTES } from '#domain/search-attributes.ts';
import { startTemporal } from '../servers/temporal.ts';

const KEYWORD = 2;
const TEST_SERVER = process.env['TEMPORAL_TEST_SERVER_PATH'] ?? '.tools/bin/temporal-test-server';

/** A Temporal server that runs are started on. */
export interface RunServer {
  readonly connection: Connection;
  readonly nativeConnection: NativeConnection;
  readonly namespace: string;
  /** Lets time pass: at once on the time-skipping server. */
  sleep(durationMs: number): Promise<void>;
  /** Lets the clock run freely while `work` waits. */
  running<T>(work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** One clock for everything on it, which stands unless `sleep` or `running` let it jump over the next wait. */
export async function timeSkippingServer(): Promise<RunServer> {
  const env = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: TEST_SERVER } },
  });
  const { connection, nativeConnection } = env;
  await connection.operatorService.addSearchAttributes({
    namespace: 'default',
    searchAttributes: Object.fromEntries(RUN_SEARCH_ATTRIBUTES.map((name) => [name, KEYWORD])),
  });
  return {
    connection,
    nativeConnection,
    namespace: 'default',
    sleep: (durationMs) => env.sleep(durationMs),
    async running(work) {
      await connection.testService?.unlockTimeSkipping({});
      try {
        return await work();
      } finally {
        await connection.testService?.lockTimeSkipping({});
      }
    },
    close: () => env.teardown(),
  };
}

/** The dev server as `sluice up` starts it, in memory; time is real. */
export async function realServer(): Promise<RunServer> {
  const server = await startTemporal();
  const { address, namespace } = server;
  const connection = await Connection.connect({ address });
  const nativeConnection = await NativeConnection.connect({ address });
  return {
    connection,
    nativeConnection,
    namespace,
    sleep: () => Promise.reject(new Error('time is real here: wait on an event')),
    running: (work) => work(),
    async close() {
      await connection.close();
      await nativeConnection.close();
      await server.stop();
    },
  };
}
