import type { Ports } from '#domain/defaults.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import { PORT_OPTIONS, type PortName } from '../../client/engine/settings.ts';
import { isPortFree } from '../../client/engine/stack/port-free.ts';

const PORT_TITLES: Readonly<Record<PortName, string>> = {
  http: 'HTTP',
  temporal: 'Temporal',
  temporalUi: "Temporal's UI",
  mqtt: 'MQTT',
  postgres: 'PostgreSQL',
};

/** Looks at every port before anything starts. Throws PORT_IN_USE for the first that another process, or another part, has. */
export async function refuseTakenPorts(ports: Ports, names: readonly PortName[]): Promise<void> {
  const given = new Set<number>();
  for (const name of names) {
    const port = ports[name];
    if (given.has(port) || !(await isPortFree(port))) {
      throw sluiceError('PORT_IN_USE', { part: PORT_TITLES[name], port, ...PORT_OPTIONS[name] });
    }
    given.add(port);
  }
}
