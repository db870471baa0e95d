// What counts as there is what `sluice up` and the tests would start, so their own look-ups decide; here null means missing.
import { isExecutable, onPath } from '../../client/engine/stack/components/executables.ts';
import * as mosquitto from '../../client/engine/stack/components/mosquitto-program.ts';
import * as temporal from '../../client/engine/stack/components/temporal-programs.ts';
import { SluiceError } from '#domain/errors/failure.ts';

export const findMosquitto = (): string | null => orNull(mosquitto.findMosquitto);
export const findTemporalCli = (): string | null => orNull(temporal.findTemporalCli);
export const findTemporalTestServer = (): string | null => orNull(temporal.findTimeSkippingServer);

/** First executable of that name on the PATH, or null. */
export function findExecutable(name: string): string | null {
  return onPath(name).find(isExecutable) ?? null;
}

function orNull(find: () => string): string | null {
  try {
    return find();
  } catch (error) {
    if (error instanceof SluiceError) return null;
    throw error;
  }
}
