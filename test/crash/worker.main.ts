// All workers as shipped, with a kill switch at every named moment of the activities of fleets and of containers, before and
// after each activity, and around each journal entry.
import type { Context } from '@temporalio/activity';
import type { ActivityInterceptors } from '@temporalio/worker';
import type { JournalEntry } from '#domain/journal/journal-entry.ts';
import type { AppendJournalInput } from '#domain/ports/journal.port.ts';
import { createLogger, logLevelOf } from '../../client/engine/logging.ts';
import { readSettings } from '../../client/engine/settings.ts';
import { dataWorker } from '../../workers/data.worker.ts';
import { dockerWorker, routeKeeper } from '../../workers/docker.worker.ts';
import { emergencyKeeper, emergencyWorker } from '../../workers/emergency.worker.ts';
import { fleetWorker, followUps } from '../../workers/fleet.worker.ts';
import { orchestratorWorker } from '../../workers/orchestrator.worker.ts';
import { runWorkers } from '../../workers/runtime/run-workers.ts';
import { telemetryWorker } from '../../workers/telemetry.worker.ts';
import { KillSwitch } from '../support/crash/kill-switch.ts';

const settings = readSettings(process.env);
const killSwitch = new KillSwitch(settings.dataDirectory);

/**
 * `before:ACTIVITY` and `after:ACTIVITY` are reached around each. `journal:TYPE[:STEP]` is reached before such an entry is
 * written, `journaled:…` when it is and nobody was told.
 */
function stopAround(context: Context): ActivityInterceptors {
  const { activityType } = context.info;
  const heartbeatDetails: unknown = context.info.heartbeatDetails;
  // Who stands still is not dead: nobody else may take the activity over.
  const pass = (point: string): Promise<void> => killSwitch.passed(point, () => context.heartbeat(heartbeatDetails));
  return {
    inbound: {
      async execute(input, next) {
        const entries = activityType === 'appendJournal' ? (input.args[0] as AppendJournalInput).entries : [];
        await pass(`before:${activityType}`);
        for (const entry of entries) await pass(`journal:${nameOf(entry)}`);
        const result = await next(input);
        for (const entry of entries) await pass(`journaled:${nameOf(entry)}`);
        await pass(`after:${activityType}`);
        return result;
      },
    },
  };
}

const nameOf = ({ type, data }: JournalEntry): string =>
  typeof data['step'] === 'string' ? `${type}:${data['step']}` : type;

await runWorkers({
  settings,
  logger: createLogger('worker', logLevelOf(process.env)),
  workers: [orchestratorWorker, fleetWorker, telemetryWorker, dataWorker, dockerWorker, emergencyWorker],
  chores: [followUps, routeKeeper, emergencyKeeper],
  reached: (point) => killSwitch.passed(point),
  reachedRelease: (point) => killSwitch.passed(point),
  interceptors: { activity: [stopAround] },
});
