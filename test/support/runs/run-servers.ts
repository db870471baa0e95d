import { Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { startTemporal } from '../servers/temporal.ts';
import { startSkippedTime } from '../servers/time-skipping.ts';

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
  const env = await startSkippedTime();
  const { connection, nativeConnection } = env;
  return {
    connection,
    nativeConnection,
    namespace: env.namespace ?? 'default',
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
