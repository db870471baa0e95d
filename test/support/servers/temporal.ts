import { Connection } from '@temporalio/client';
import { findTemporalCli } from '../../../client/engine/stack/components/temporal-programs.ts';
import { devServerCommand } from '../../../workers/stack/temporal/dev-server.ts';
import { needs } from '../requires.ts';
import { freePorts } from './ports.ts';
import { startServer, type ServerProcess } from './server-process.ts';

needs('a Temporal server', findTemporalCli);

export interface TemporalServer extends ServerProcess {
  readonly address: string;
  readonly namespace: string;
  readonly uiUrl: string | null;
}

export interface TemporalServerOptions {
  readonly port?: number;
  readonly ui?: boolean;
  /** Keeps its state there, so that a server started on it again goes on; in memory without. */
  readonly databaseFile?: string;
}

/** A real Temporal server with namespace `sluice` and the search attributes of runs, as `sluice up` starts it. */
export async function startTemporal(options: TemporalServerOptions = {}): Promise<TemporalServer> {
  const [first = 0, second = 0] = await freePorts(2);
  const port = options.port ?? first;
  const uiPort = options.ui === true ? second : null;
  const namespace = 'sluice';
  const address = `127.0.0.1:${port}`;
  const command = devServerCommand({ port, uiPort, namespace, databaseFile: options.databaseFile ?? null });
  const server = await startServer(command, () => answers(address, namespace), 'SIGINT');
  return { ...server, address, namespace, uiUrl: uiPort === null ? null : `http://127.0.0.1:${uiPort}` };
}

/** True when the server at `address` knows `namespace`. */
async function answers(address: string, namespace: string): Promise<boolean> {
  const connection = await Connection.connect({ address, connectTimeout: 1_000 });
  try {
    await connection.workflowService.describeNamespace({ namespace });
    return true;
  } finally {
    await connection.close();
  }
}
