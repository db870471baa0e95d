import type { Connection } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { RUN_SEARCH_ATTRIBUTES } from '#domain/search-attributes.ts';
import { makeDataConverter } from '../../../activities/adapters/temporal/data-converter.ts';
import { findTimeSkippingServer } from '../../../client/engine/stack/components/temporal-programs.ts';
import { needs } from '../requires.ts';

needs('the test server of Temporal', findTimeSkippingServer);

const KEYWORD = 2;
const NAMESPACE = 'default';

/**
 * A Temporal server with one skipped clock for all its workflows: `client`, `nativeConnection`, `sleep()`, `currentTimeMs()`, `teardown()`.
 * The search attributes of runs are registered. It ends with `teardown()`, and with the process.
 */
export async function startSkippedTime(): Promise<TestWorkflowEnvironment> {
  const environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: findTimeSkippingServer() } },
    client: { dataConverter: makeDataConverter() },
  });
  await registerSearchAttributes(environment.connection, environment.namespace ?? NAMESPACE);
  return environment;
}

/** Registers the search attributes of runs; without them a start that sets one is refused and an upsert hangs. */
async function registerSearchAttributes(connection: Connection, namespace: string): Promise<void> {
  const searchAttributes = Object.fromEntries(RUN_SEARCH_ATTRIBUTES.map((name) => [name, KEYWORD]));
  await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
}
