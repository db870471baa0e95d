// The gateway as a process of its own: node client/devices/gateway/main.ts
import { createLogger, logLevelOf } from '../../engine/logging.ts';
import { readSettings } from '../../engine/settings.ts';
import { serveUntilSignal } from './serve-until-signal.ts';

await serveUntilSignal(readSettings(process.env), createLogger('gateway', logLevelOf(process.env)));
