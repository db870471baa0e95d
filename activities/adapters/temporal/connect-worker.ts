import { NativeConnection } from '@temporalio/worker';
import { namespaceError, notRunning, type TemporalPlace } from './connect.ts';

/** The connection of a worker, after the namespace answered. Throws as connectTemporal does. Loads the native core (0.5 s). */
export async function connectWorker(place: TemporalPlace): Promise<NativeConnection> {
  let connection: NativeConnection;
  try {
    connection = await NativeConnection.connect({ address: place.address });
  } catch (error) {
    throw notRunning(place.address, error);
  }
  try {
    await connection.workflowService.describeNamespace({ namespace: place.namespace });
    return connection;
  } catch (error) {
    await connection.close();
    throw namespaceError(error, place);
  }
}
