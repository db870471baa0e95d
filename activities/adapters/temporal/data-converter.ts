import type { DataConverter } from '@temporalio/common';

/**
 * How payloads become bytes: the one place for clients, workers and replay, which must agree.
 * Encryption will be a codec here, and nowhere else.
 */
export function makeDataConverter(): DataConverter {
  return { payloadCodecs: [] };
}
