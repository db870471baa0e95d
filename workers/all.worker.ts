// Every task queue in one process: what `sluice up` runs on one machine.
import { createLogger, logLevelOf } from '../client/engine/logging.ts';
import { readSettings } from '../client/engine/settings.ts';
import { dataWorker } from './data.worker.ts';
import { dockerWorker, routeKeeper } from './docker.worker.ts';
import { emergencyKeeper, emergencyWorker } from './emergency.worker.ts';
import { fleetWorker, followUps } from './fleet.worker.ts';
import { orchestratorWorker } from './orchestrator.worker.ts';
import { runWorkers } from './runtime/run-workers.ts';
import { telemetryWorker } from './telemetry.worker.ts';

await runWorkers({
  settings: readSettings(process.env),
  logger: createLogger('worker', logLevelOf(process.env)),
  workers: [orchestratorWorker, fleetWorker, telemetryWorker, dataWorker, dockerWorker, emergencyWorker],
  chores: [followUps, routeKeeper, emergencyKeeper],
});
