import type { Settings } from '../settings.ts';
import { checkDataDirectory, checkNode, checkNodeModules, checkPorts } from './doctor-checks.ts';
import { checkEngine } from './doctor-engine.ts';
import { checkPrograms } from './doctor-programs.ts';
import type { Finding } from './finding.ts';
import { inspectStack, type PartStatus } from './status.ts';

export interface Diagnosis {
  /** True when nothing is missing; a stack that does not run is no illness. */
  readonly well: boolean;
  readonly findings: readonly Finding[];
  /** What works without what is missing, one sentence each. */
  readonly withoutIt: readonly string[];
}

/** Looks at the machine and at the stack. Changes nothing; takes about 3 s when the stack does not run. */
export async function examine(settings: Settings, env: NodeJS.ProcessEnv): Promise<Diagnosis> {
  const [programs, engine, directory, stack] = await Promise.all([
    checkPrograms(env),
    checkEngine(settings),
    checkDataDirectory(settings.dataDirectory),
    inspectStack(settings),
  ]);
  const isUp = stack.parts.some(({ name, state }) => name === 'up' && state === 'well');
  const ports = isUp ? [] : await checkPorts(settings, stack);
  const isOrphaned = !isUp && stack.parts.some(({ state }) => state === 'well');
  const running = stack.parts.map((part) => runningFinding(part, isUp, isOrphaned));
  const findings = [checkNode(), checkNodeModules(), ...withEngine(programs, engine), directory, ...ports, ...running];
  const missing = findings.filter(({ state }) => state === 'missing');
  const lacking = findings.filter(({ name, state }) => state === 'missing' || (name === 'engine' && state === 'idle'));
  const withoutIt = [...new Set(lacking.flatMap(({ name }) => WITHOUT[name] ?? []))];
  return { well: missing.length === 0, findings, withoutIt };
}

/** One that answers needs no program here; without the program there is none to start. */
function withEngine(programs: readonly Finding[], engine: Finding): Finding[] {
  const hasProgram = programs.every(({ name, state }) => name !== 'docker' || state !== 'missing');
  if (hasProgram) return [...programs, engine];
  if (engine.state === 'idle') return [...programs];
  return [...programs.filter(({ name }) => name !== 'docker'), engine];
}

function runningFinding(part: PartStatus, isUp: boolean, isOrphaned: boolean): Finding {
  const { name, title, version, state, detail, address } = part;
  const known = { name: `running-${name}`, title: `${title}, running`, version };
  if (state === 'well')
    return { ...known, state: 'well', detail: [address, detail].filter(Boolean).join(' · '), mend: '' };
  // Under a living `sluice up` a part that is down is being started again; its log says why it does not succeed.
  if (isUp) return { ...known, state: 'missing', detail, mend: `sluice up starts it again; its log: logs/${name}.log` };
  // Parts that a killed one left behind do their work, as long as none of them dies.
  if (name === 'up' && isOrphaned) return { ...known, state: 'missing', detail, mend: 'npx sluice up' };
  return { ...known, state: 'idle', detail: 'not running', mend: 'npx sluice up' };
}

const NO_ENGINE = 'no Docker Engine: fleet rollouts work, container releases do not';

const WITHOUT: Readonly<Record<string, readonly string[]>> = {
  node: ["too old a Node: the command line works on the project's own; other programs here may not"],
  'node-modules': ['other packages than tried: what works with them is not known'],
  disk: ['little room: what runs goes on; new firmware and a longer journal may not fit'],
  'port-http': ['no port for HTTP: everything works on another one'],
  'port-temporal': ['no port for Temporal: everything works on another one'],
  'port-temporalUi': ["no port for Temporal's UI: everything works on another one"],
  'port-mqtt': ['no port for MQTT: everything works on another one, which devices have to be told'],
  'port-postgres': ['no port for PostgreSQL: everything works on another one'],
  'running-up': ['sluice up is away: everything works until a part dies, which then stays dead'],
  'running-postgres': [
    'PostgreSQL is away: devices keep what they run; commands, runs and reports wait until it is back',
  ],
  'running-temporal': ['Temporal is away: registry, firmware and plans work; runs stand still and take no command'],
  'running-ui': ["Temporal's UI is away: everything but its pages works"],
  'running-mosquitto': ['the broker is away: plans, firmware and approvals work; devices hear and say nothing'],
  'running-haproxy': ['the router is away: fleet rollouts work; nobody reaches an application until it is back'],
  'running-worker': ['the worker is away: everything can be read; runs stand still and answer no command'],
  'running-gateway': ['the gateway is away: everything but the devices works; they ask again until it is back'],
  'running-http': ['the HTTP server is away: everything but downloads works; devices try those again'],
  temporal: ['no Temporal server: devices, artifacts, environments and plans can be kept; no run starts'],
  'temporal-test-server': ['no time-skipping server: everything works but the tests that skip time'],
  postgres: ['no embedded PostgreSQL: everything works with your own (SLUICE_DATABASE_URL)'],
  mosquitto: ['no MQTT broker: plans, artifacts and approvals work; no device can connect (or SLUICE_MQTT_URL)'],
  docker: [NO_ENGINE],
  engine: [NO_ENGINE],
  haproxy: ['no HAProxy: fleet rollouts work, container releases do not (or SLUICE_HAPROXY_DIR)'],
  registry: ['no image registry here: everything works with one elsewhere, but the tests that start their own'],
};
