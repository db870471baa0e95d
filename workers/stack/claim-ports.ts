import { sluiceError } from '#domain/errors/failure.ts';
import type { TakenPort } from '#domain/errors/platform.errors.ts';
import {
  hostOfPort,
  LISTEN_HOST_OPTION,
  PORT_OPTIONS,
  type PortName,
  type Settings,
} from '../../client/engine/settings.ts';
import { lookAtPort } from '../../client/engine/stack/port-state.ts';

const PORT_TITLES: Readonly<Record<PortName, string>> = {
  http: 'HTTP',
  temporal: 'Temporal',
  temporalUi: "Temporal's UI",
  mqtt: 'MQTT',
  postgres: 'PostgreSQL',
  registry: 'image registry',
};

/**
 * Looks at every port before anything starts. Throws PORT_IN_USE with all that another process, or another part, has, and
 * USAGE when the address to listen on is not this machine's.
 */
export async function refuseTakenPorts(settings: Settings, names: readonly PortName[]): Promise<void> {
  const given = new Set<number>();
  const taken: TakenPort[] = [];
  for (const name of names) {
    const port = settings.ports[name];
    const host = hostOfPort(settings, name);
    const state = given.has(port) ? 'taken' : await lookAtPort(port, host);
    if (state === 'foreign') {
      const why = `${host} is no address of this machine`;
      throw sluiceError('USAGE', { why }, { where: LISTEN_HOST_OPTION.flag, found: host });
    }
    if (state === 'taken') taken.push({ part: PORT_TITLES[name], port, ...PORT_OPTIONS[name] });
    given.add(port);
  }
  if (taken.length > 0) throw sluiceError('PORT_IN_USE', { taken });
}
