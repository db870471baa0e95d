import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { DeterminismViolationError } from '@temporalio/workflow';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import { makeDataConverter } from '../../activities/adapters/temporal/data-converter.ts';
import { workflowBundle } from '../../workers/runtime/bundle.ts';
import { recordedHistories } from './histories.ts';

// What each worker says of its start and stop would bury the history that does not replay.
Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'ERROR' } } });

const read = (file: string) => historyFromJSON(JSON.parse(readFileSync(file, 'utf8')));

async function replay(history: ReturnType<typeof read>): Promise<void> {
  const dataConverter = makeDataConverter();
  await Worker.runReplayHistory({ workflowBundle: await workflowBundle(), dataConverter }, history);
}

describe('a recorded run', () => {
  const files = recordedHistories();

  it.each(files.map((file) => [basename(file, '.json'), file]))('replays %s', async (_name, file) => {
    await replay(read(file));
  });

  it('does not replay when the workflow does something else', async () => {
    const history = read(files[0] ?? '');
    const scheduled = history.events?.find((event) => event.activityTaskScheduledEventAttributes);
    const type = scheduled?.activityTaskScheduledEventAttributes?.activityType;
    if (type) type.name = 'somethingElse';
    await expect(replay(history)).rejects.toThrow(DeterminismViolationError);
  });
});
