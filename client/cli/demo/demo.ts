// `npm run demo`: the main job on this machine, through the command line's own commands.
import { createEngineDeps } from '../../engine/deps.ts';
import { loadPeople, type People } from '../../engine/environments/load-people.ts';
import { pidOfLiveStack } from '../../engine/live-stack.ts';
import { readSettings } from '../../engine/settings.ts';
import { CommandLine } from './command-line.ts';
import { addFirmware, applyEnvironment, DEVICES, openStage, startDevices, VERSIONS, type Stage } from './fleet.ts';
import { choosePorts } from './free-ports.ts';
import { judgeLedger } from './ledger.ts';
import { execute, follow, makePlan, untilLeft, type RolloutStatus } from './rollout.ts';
import { Screen } from './screen.ts';
import { startStack, untilInterrupted, type RunningStack } from './stack.ts';

const isInteractive = process.argv.includes('--interactive');
const screen = new Screen(process.stdout.isTTY, process.env);
const staysOpen = process.stdout.isTTY && !process.argv.includes('--exit');

process.exitCode = await demo();

async function demo(): Promise<number> {
  screen.title('Sluice demo', `everything runs on this machine, under ${readSettings(process.env).dataDirectory}`);
  const isRunning = pidOfLiveStack(readSettings(process.env).dataDirectory) !== null;
  const ports = isRunning ? { env: {}, moved: [] } : await choosePorts(process.env);
  for (const line of ports.moved) screen.line(`  ${line}`);
  const env = { ...process.env, ...ports.env };
  const sluice = new CommandLine(env);
  const stack = await startStack(sluice, screen, isRunning);
  let stopDevices = (): void => undefined;
  try {
    const stage = openStage(readSettings(env).dataDirectory);
    const [devices, firmware] = await Promise.all([startDevices(sluice, stage), addFirmware(sluice, stage)]);
    stopDevices = devices.stop;
    const seconds = (devices.elapsedMs / 1000).toFixed(1);
    screen.done(
      `1  A fleet: ${DEVICES} simulated devices, firmware ${VERSIONS.before}`,
      `${DEVICES} connected in ${seconds} s`,
    );
    screen.done(`2  Firmware ${VERSIONS.good}, signed, 64 KiB, sha256 ${firmware.sha256.slice(0, 8)}…`, 'added');
    await applyEnvironment(sluice, stage, await presentPeople(env));
    return await tellStory(sluice, stage, readSettings(env).ports.temporalUi, stack);
  } catch (error) {
    screen.line(`\n✗ ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  } finally {
    stopDevices();
    await stack.stop();
  }
}

async function presentPeople(env: NodeJS.ProcessEnv): Promise<People> {
  const deps = createEngineDeps(readSettings(env));
  return loadPeople(deps).finally(() => deps.close());
}

async function tellStory(sluice: CommandLine, stage: Stage, uiPort: number, stack: RunningStack): Promise<number> {
  const good = await rollOut(sluice, stage, { version: VERSIONS.good, step: 3 });
  screen.line(`5  Firmware ${VERSIONS.bad} crashes after boot on a third of the devices`);
  const bad = await rollOut(sluice, stage, { version: VERSIONS.bad, step: 5 });
  const canary = bad.status.waves.reduce((sum, { offered = 0 }) => sum + offered, 0);
  const verdict = judgeLedger(stage.ledger, DEVICES, canary);
  const isGood = good.status.status === 'completed' && bad.status.status === 'rolled-back' && verdict.agrees;
  screen.line('6  The devices’ own ledger:');
  if (verdict.agrees) screen.done(`   ${verdict.summary}`, 'agrees');
  else screen.bad(`   ${verdict.summary}`, 'does not agree');
  screen.line('');
  screen.line(`Look around: http://127.0.0.1:${uiPort}/namespaces/sluice/workflows/fleet-rollout%2F${bad.run}`);
  screen.line(`             npx sluice run show ${bad.run} · npx sluice run events ${bad.run}`);
  if (staysOpen) {
    screen.line('The stack stays until Ctrl-C; start it again with `npx sluice up`.');
    await untilInterrupted(stack);
  }
  return isGood ? 0 : 1;
}

interface Story {
  readonly version: string;
  readonly step: number;
}

async function rollOut(
  sluice: CommandLine,
  stage: Stage,
  { version, step }: Story,
): Promise<{ run: string; status: RolloutStatus }> {
  const plan = await makePlan(sluice, stage, version);
  const number = step === 3 ? '3  ' : '   ';
  screen.done(
    `${number}Plan ${plan.plan_id.slice(0, 12)}…: canary 10 % → 50 % → 100 %, digest ${plan.digest.slice(0, 8)}…`,
    'needs 1 approval (approver, not the author)',
  );
  const run = await execute(sluice, plan.plan_id);
  await approve(sluice, run, step);
  const startedMs = Date.now();
  const status = await follow(sluice, run, screen);
  screen.endOfWaves();
  const took = `${((Date.now() - startedMs) / 1000).toFixed(1)} s`;
  if (status.status === 'completed') screen.done('', `completed in ${took}`);
  else screen.bad(`   ${status.reason ?? ''}`, `${status.status} after ${took}`);
  return { run, status };
}

async function approve(sluice: CommandLine, run: string, step: number): Promise<void> {
  const number = step === 3 ? '4  ' : '   ';
  const command = `sluice approve fleet-rollout/${run} --comment "demo"`;
  if (isInteractive) {
    screen.line(`${number}waiting for you: SLUICE_USER=ada npx ${command}`);
    await untilLeft(sluice, run, 'awaiting-approval');
    return screen.done('   ', 'approved');
  }
  await untilLeft(sluice, run, 'queued');
  await untilLeft(sluice, run, 'running');
  await sluice.json('approve', `fleet-rollout/${run}`, '--comment', 'demo', '--as', 'ada');
  screen.done(`${number}$ ${command.slice(0, 52)}…`, 'approved by ada');
}
