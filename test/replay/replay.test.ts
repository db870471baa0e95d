import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { DeterminismViolationError } from '@temporalio/workflow';
import { Worker } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import { workflowBundle } from '../support/runs/run-bundle.ts';
import { recordedHistories } from './histories.ts';
import { SCENARIOS } from './scenarios.ts';

describe('a recorded run', () => {
  const files = recordedHistories();

  it.each(files.map((file) => [basename(file, '.json'), file]))('replays %s', async (_name, file) => {
    const history = historyFromJSON(JSON.parse(readFileSync(file, 'utf8')));
    await Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, history);
  });

  it('exists for every scenario', () => {
    const names = files.map((file) => basename(file, '.json'));
    expect(names).toEqual(expect.arrayContaining(SCENARIOS.map(({ name }) => name)));
  });

  it('does not replay when the workflow does something else', async () => {
    const history = historyFromJSON(JSON.parse(readFileSync(files[0] ?? '', 'utf8')));
    const scheduled = history.events?.find((event) => event.activityTaskScheduledEventAttributes);
    const type = scheduled?.activityTaskScheduledEventAttributes?.activityType;
    if (type) type.name = 'somethingElse';
    const replay = Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, history);
    await expect(replay).rejects.toThrow(DeterminismViolationError);
  });
});
