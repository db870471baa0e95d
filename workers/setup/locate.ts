// What counts as there is what `sluice up` and the tests would start, so their own look-ups decide; here null means missing.
import { isExecutable, onPath } from '../../client/engine/stack/components/executables.ts';
import * as busybox from '../../client/engine/stack/components/busybox-program.ts';
import * as docker from '../../client/engine/stack/components/docker-programs.ts';
import * as haproxy from '../../client/engine/stack/components/haproxy-program.ts';
import * as mosquitto from '../../client/engine/stack/components/mosquitto-program.ts';
import * as postgres from '../../client/engine/stack/components/postgres-programs.ts';
import * as registry from '../../client/engine/stack/components/registry-program.ts';
import * as temporal from '../../client/engine/stack/components/temporal-programs.ts';
import { SluiceError } from '#domain/errors/failure.ts';

export const findMosquitto = (): string | null => orNull(mosquitto.findMosquitto);
export const findDockerd = (): string | null => orNull(docker.findDockerd);
export const findHaproxy = (): string | null => orNull(haproxy.findHaproxy);
export const findRegistry = (): string | null => orNull(registry.findRegistry);
export const findBusybox = (): string | null => orNull(busybox.findBusybox);
export const findTemporalCli = (): string | null => orNull(temporal.findTemporalCli);
export const findTemporalTestServer = (): string | null => orNull(temporal.findTimeSkippingServer);

/** The folder of the PostgreSQL that npm installed. */
export const findPostgresPackage = (): string | null => orNull(postgres.postgresPackage);

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
