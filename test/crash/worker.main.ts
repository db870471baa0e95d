// All workers as shipped, with a kill switch at every named moment of the fleet's activities and around each journal entry.
import { Worker } from '@temporalio/worker';
import type { JournalEntry } from '#domain/journal/journal-entry.ts';
import { DEFAULT_QUEUES } from '#domain/queues.ts';
import { createJournalActivities } from '../../activities/journal/journal.activities.ts';
import { createLogger, logLevelOf } from '../../client/engine/logging.ts';
import { readSettings } from '../../client/engine/settings.ts';
import { fleetWorker, followUps } from '../../workers/fleet.worker.ts';
import { orchestratorWorker } from '../../workers/orchestrator.worker.ts';
import { baseOptions, type WorkerParts } from '../../workers/runtime/parts.ts';
import { runWorkers } from '../../workers/runtime/run-workers.ts';
import { telemetryWorker } from '../../workers/telemetry.worker.ts';
import { KillSwitch } from '../support/crash/kill-point.ts';

const settings = readSettings(process.env);
const killSwitch = new KillSwitch(settings.dataDirectory);

/** `journal:TYPE[:STEP]` is reached before such an entry is written, `journaled:…` when it is and nobody was told. */
function journalWorker(parts: WorkerParts): Promise<Worker> {
  const { appendJournal } = createJournalActivities(parts);
  return Worker.create({
    ...baseOptions(parts),
    taskQueue: DEFAULT_QUEUES.data,
    activities: {
      async appendJournal(input: Parameters<typeof appendJournal>[0]): Promise<void> {
        for (const entry of input.entries) killSwitch.reached(`journal:${nameOf(entry)}`);
        await appendJournal(input);
        for (const entry of input.entries) killSwitch.reached(`journaled:${nameOf(entry)}`);
      },
    },
  });
}

const nameOf = ({ type, data }: JournalEntry): string =>
  typeof data['step'] === 'string' ? `${type}:${data['step']}` : type;

await runWorkers({
  settings,
  logger: createLogger('worker', logLevelOf(process.env)),
  workers: [orchestratorWorker, fleetWorker, telemetryWorker, journalWorker],
  chores: [followUps],
  reached: async (point) => killSwitch.reached(point),
});
