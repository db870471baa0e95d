// `npm run demo`: the main job on this machine, through the command line's own commands.
import { createEngineDeps } from '../../engine/deps.ts';
import { loadPeople, type People } from '../../engine/environments/load-people.ts';
import { pidOfLiveStack } from '../../engine/live-stack.ts';
import { readSettings } from '../../engine/settings.ts';
import { CommandFailed, CommandLine } from './command-line.ts';
import { addFirmware, applyEnvironment, DEVICES, openStage, startDevices, VERSIONS } from './fleet.ts';
import { choosePorts } from './free-ports.ts';
import { Screen } from './screen.ts';
import { startStack, type DemoStack } from './stack.ts';
import { EXIT_STOPPED, Stopped, StopSignal } from './stop-signal.ts';
import { tellStory, type Stagecraft } from './story.ts';

/** `npm run demo -- containers`. */
const isOfContainers = process.argv.includes('containers');
const isInteractive = process.argv.includes('--interactive');
const screen = new Screen(process.stdout, process.env);
const staysOpen = process.stdout.isTTY && !process.argv.includes('--exit');
const stop = new StopSignal();
/** The exit code of the story, once it is told: what comes after is only looking around. */
let toldCode: number | undefined;

// Not left to the event loop: a command that was given up may still be waited for.
process.exit(await demo());

async function demo(): Promise<number> {
  const { dataDirectory } = readSettings(process.env);
  screen.title('Sluice demo', `everything runs on this machine, under ${dataDirectory}`);
  const isRunning = pidOfLiveStack(dataDirectory) !== null;
  const ports = isRunning ? { env: {}, moved: [], flags: [] } : await choosePorts(process.env);
  for (const line of ports.moved) screen.line(`  ${line}`);
  const env = { ...process.env, ...ports.env };
  const sluice = new CommandLine(env);
  const upArgs = isOfContainers ? ['--with-docker'] : [];
  const stack = startStack(sluice, screen, { isRunning, upArgs });
  stop.onAgain(() => stack.insist());
  const upAgain = ['npx sluice up', ...upArgs, ...ports.flags].join(' ');
  const cast: Stoppable[] = [];
  const playing = (isOfContainers ? playContainers : playFleet)({ sluice, stack, env, upAgain, cast });
  const failed = stack.ended.then(() => Promise.reject(new CommandFailed(['up'], 'it ended by itself')));
  try {
    return await stop.during(Promise.race([playing, failed]));
  } catch (error) {
    return tellFailure(error);
  } finally {
    await sluice.end();
    await Promise.all(cast.map((player) => player.stop()));
    await stack.stop();
  }
}

function tellFailure(error: unknown): number {
  if (stop.isRequested || error instanceof Stopped) {
    // What sluice up says while it stops comes below.
    screen.line('');
    return toldCode ?? EXIT_STOPPED;
  }
  screen.line(`\n✗ ${error instanceof Error ? error.message : String(error)}`);
  return 1;
}

interface Theatre {
  readonly sluice: CommandLine;
  readonly stack: DemoStack;
  readonly env: NodeJS.ProcessEnv;
  /** The command that starts the stack again, on the ports that the demo took. */
  readonly upAgain: string;
  /** What has to be stopped before the stack. */
  readonly cast: Stoppable[];
}

interface Stoppable {
  stop(): Promise<void>;
}

/** A canary that goes well, a bad version that the judge catches, and a way back, all under load. */
async function playContainers({ sluice, stack, env, upAgain, cast }: Theatre): Promise<number> {
  await stop.during(stack.ready);
  const { dataDirectory, ports } = readSettings(env);
  const { openShop } = await import('./containers/shop.ts');
  const { tellReleases } = await import('./containers/story.ts');
  const shop = await stop.during(openShop(sluice, { dataDirectory, registryPort: ports.registry }));
  const { isGood, run } = await stop.during(tellReleases({ sluice, screen, shop, cast }));
  toldCode = isGood ? 0 : 1;
  await lookAround(run, { workflow: 'deployment', uiPort: ports.temporalUi, upAgain });
  return toldCode;
}

async function playFleet({ sluice, stack, env, upAgain, cast }: Theatre): Promise<number> {
  await stop.during(stack.ready);
  const { dataDirectory, ports } = readSettings(env);
  const stage = openStage(dataDirectory);
  const devices = startDevices(sluice, stage);
  cast.push(devices);
  const [elapsedMs, firmware] = await stop.during(Promise.all([devices.connected, addFirmware(sluice, stage)]));
  screen.done(
    `1  A fleet: ${DEVICES} simulated devices, firmware ${VERSIONS.before}`,
    `${DEVICES} connected in ${(elapsedMs / 1000).toFixed(1)} s`,
  );
  screen.done(`2  Firmware ${VERSIONS.good}, signed, 64 KiB, sha256 ${firmware.sha256.slice(0, 8)}…`, 'added');
  await applyEnvironment(sluice, stage, await presentPeople(env));
  const craft: Stagecraft = { sluice, screen, stage, isInteractive };
  const { isGood, run } = await stop.during(tellStory(craft));
  toldCode = isGood ? 0 : 1;
  await lookAround(run, { workflow: 'fleet-rollout', uiPort: ports.temporalUi, upAgain });
  return toldCode;
}

async function presentPeople(env: NodeJS.ProcessEnv): Promise<People> {
  const deps = createEngineDeps(readSettings(env));
  return loadPeople(deps).finally(() => deps.close());
}

interface LookedAt {
  readonly workflow: 'fleet-rollout' | 'deployment';
  readonly uiPort: number;
  readonly upAgain: string;
}

/** Where the run can be looked at: now, as long as the stack stays, or once it is started again. */
async function lookAround(run: string, { workflow, uiPort, upAgain }: LookedAt): Promise<void> {
  screen.line('');
  screen.line(staysOpen ? 'Look around:' : `The stack ends here. Look around after \`${upAgain}\`:`);
  screen.line(`  npx sluice run show ${run}`);
  screen.line(`  npx sluice run events ${run}`);
  screen.line(`  http://127.0.0.1:${uiPort}/namespaces/sluice/workflows/${workflow}%2F${run}`);
  if (!staysOpen) return;
  screen.line(`The stack stays until Ctrl-C; start it again with \`${upAgain}\`.`);
  await stop.requested;
}
