// The gateway as shipped, with a kill switch at each of its hooks.
import { serveUntilSignal } from '../../client/devices/gateway/serve-until-signal.ts';
import { createLogger, logLevelOf } from '../../client/engine/logging.ts';
import { readSettings } from '../../client/engine/settings.ts';
import { KillSwitch } from '../support/crash/kill-switch.ts';

const settings = readSettings(process.env);
const killSwitch = new KillSwitch(settings.dataDirectory);
await serveUntilSignal(settings, createLogger('gateway', logLevelOf(process.env)), {
  afterCommit: () => killSwitch.reached('answers-unsent'),
  beforeAnnounce: () => killSwitch.reached('offers-unannounced'),
  afterClaim: () => killSwitch.reached('shard-claimed'),
});
