import type { LogLevel, Logger as SdkLogger, LogMetadata } from '@temporalio/worker';
import type { Logger } from 'pino';

/** Temporal's messages in the part's own log. */
export function sdkLogger(logger: Logger): SdkLogger {
  const write = (level: 'trace' | 'debug' | 'info' | 'warn' | 'error', message: string, meta?: LogMetadata): void =>
    logger[level]({ temporal: meta }, message);
  return {
    log: (level: LogLevel, message, meta) => write(level.toLowerCase() as 'info', message, meta),
    trace: (message, meta) => write('trace', message, meta),
    debug: (message, meta) => write('debug', message, meta),
    // A worker's starts and stops are our own log's business.
    info: (message, meta) => write('debug', message, meta),
    warn: (message, meta) => write('warn', message, meta),
    error: (message, meta) => write('error', message, meta),
  };
}
