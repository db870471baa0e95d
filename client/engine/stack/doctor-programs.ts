import { findDockerd } from './components/docker-programs.ts';
import { findHaproxy } from './components/haproxy-program.ts';
import { findMosquitto } from './components/mosquitto-program.ts';
import { findPostgresPrograms } from './components/postgres-programs.ts';
import { findRegistry } from './components/registry-program.ts';
import { findTemporalCli, findTimeSkippingServer } from './components/temporal-programs.ts';
import { readVersion } from './components/version.ts';
import { IS_BUILT } from '../own-tree.ts';
import { SET_UP } from './doctor-checks.ts';
import type { Finding } from './finding.ts';

interface Program {
  readonly name: string;
  readonly title: string;
  readonly find: (env: NodeJS.ProcessEnv) => string;
  readonly version: (file: string) => Promise<string>;
  /** The variable that makes it unnecessary. */
  readonly replacedBy?: string;
  /** Only tests start it, which an installed package has none of. */
  readonly forTests?: true;
}

const PROGRAMS: readonly Program[] = [
  {
    name: 'temporal',
    title: 'Temporal server',
    find: findTemporalCli,
    version: (file) => readVersion(file, ['--version'], /Server (\d+\.\d+\.\d+)/),
    replacedBy: 'TEMPORAL_ADDRESS',
  },
  {
    name: 'temporal-test-server',
    title: 'time-skipping server',
    find: findTimeSkippingServer,
    // It only prints its version into its log, once it runs.
    version: async () => '',
    forTests: true,
  },
  {
    name: 'postgres',
    title: 'PostgreSQL',
    find: () => findPostgresPrograms().postgres,
    version: (file) => readVersion(file, ['--version']),
    replacedBy: 'SLUICE_DATABASE_URL',
  },
  {
    name: 'mosquitto',
    title: 'mosquitto',
    find: findMosquitto,
    version: (file) => readVersion(file, ['-h']),
    replacedBy: 'SLUICE_MQTT_URL',
  },
  {
    name: 'docker',
    title: 'Docker Engine',
    find: findDockerd,
    version: (file) => readVersion(file, ['--version']),
    replacedBy: 'DOCKER_HOST',
  },
  {
    name: 'haproxy',
    title: 'HAProxy',
    find: findHaproxy,
    version: (file) => readVersion(file, ['-v']),
    replacedBy: 'SLUICE_HAPROXY_DIR',
  },
  {
    name: 'registry',
    title: 'image registry',
    find: findRegistry,
    version: (file) => readVersion(file, ['--version']),
  },
];

/** The programs that Sluice starts, as far as no variable replaces them. */
export function checkPrograms(env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const wanted = PROGRAMS.filter(({ forTests }) => forTests !== true || !IS_BUILT);
  const needed = wanted.filter(({ replacedBy }) => replacedBy === undefined || env[replacedBy] === undefined);
  return Promise.all(needed.map((program) => checkProgram(program, env)));
}

async function checkProgram({ name, title, find, version }: Program, env: NodeJS.ProcessEnv): Promise<Finding> {
  try {
    const file = find(env);
    return { name, title, version: await version(file), state: 'well', detail: file, mend: '' };
  } catch (error) {
    const detail = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return { name, title, version: '', state: 'missing', detail, mend: SET_UP };
  }
}
