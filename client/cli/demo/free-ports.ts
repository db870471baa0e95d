import { createServer } from 'node:net';
import { PORT_OPTIONS, readSettings, type PortName } from '../../engine/settings.ts';

export interface ChosenPorts {
  /** Variables for the demo's commands. */
  readonly env: Record<string, string>;
  /** A line for each default that was in use. */
  readonly moved: readonly string[];
  /** What `sluice up` has to be given to take the same ports again. */
  readonly flags: readonly string[];
}

/** The installation's ports; one that is in use is replaced by a free one, and said so. */
export async function choosePorts(env: NodeJS.ProcessEnv): Promise<ChosenPorts> {
  const { ports } = readSettings(env);
  const chosen: Record<string, string> = {};
  const moved: string[] = [];
  const flags: string[] = [];
  for (const name of Object.keys(ports) as PortName[]) {
    const isFree = await canListen(ports[name]);
    const port = isFree ? ports[name] : await anyFreePort();
    if (!isFree) {
      moved.push(`port ${ports[name]} is in use: the demo takes ${port} (${PORT_OPTIONS[name].variable})`);
      flags.push(`${PORT_OPTIONS[name].flag} ${port}`);
    }
    chosen[PORT_OPTIONS[name].variable] = String(port);
  }
  return { env: chosen, moved, flags };
}

const canListen = (port: number): Promise<boolean> =>
  listen(port).then(
    () => true,
    () => false,
  );

const anyFreePort = (): Promise<number> => listen(0);

function listen(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : port));
    });
  });
}
