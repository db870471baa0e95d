// Whether the run's history is one that the workflow's code makes again.
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { workflowBundle } from '../../../workers/runtime/bundle.ts';
import { eventually } from '../eventually.ts';
import { SETTLED_DEADLINE_MS } from './settled.ts';
import type { JudgedRun } from './judged-run.ts';

// A replay tells of its own worker otherwise.
Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'ERROR' } } });

/** The server's way to say that a run wanted to end when something new had come: it is asked again. */
const SOMETHING_NEW_CAME = 'UnhandledCommand';

export async function judgeHistory({ world, started }: JudgedRun): Promise<string[]> {
  const client = await world.deps.temporal();
  const history = await eventually(
    () => client.workflow.getHandle(started.workflowId).fetchHistory(),
    SETTLED_DEADLINE_MS,
  );
  const failed = (history.events ?? []).flatMap(
    ({ workflowTaskFailedEventAttributes: why }) => why?.failure?.message ?? [],
  );
  const problems = failed
    .filter((message) => message !== SOMETHING_NEW_CAME)
    .map((message) => `a workflow task failed: ${message}`);
  try {
    await replayedAlone(async () => {
      await Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, history, started.workflowId);
    });
    return problems;
  } catch (error) {
    return [...problems, `its history does not replay: ${String(error)}`];
  }
}

let earlierReplay: Promise<unknown> = Promise.resolve();

/** Runs are judged side by side; a replay that ends takes the native runtime away beneath one that is just being made. */
function replayedAlone(replay: () => Promise<void>): Promise<void> {
  const mine = earlierReplay.then(replay);
  earlierReplay = mine.catch(() => undefined);
  return mine;
}
