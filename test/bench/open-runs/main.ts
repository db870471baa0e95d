/** Many open runs in one worker process: its memory, how soon a command is answered, how fast a coordinator lets runs in. */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import type { EngineDeps } from '../../../client/engine/engine.ts';
import { measureAdmissions } from './admissions.ts';
import { commandCrowd, commandOne, updateBare, type Pace } from './commands.ts';
import { applyEnvironments, startAll, type Shape, type Started, type Wanted } from './crowd.ts';
import { tenths } from './latency.ts';
import { memoryOf } from './memory.ts';
import { parkedIn, until, type Parked } from './parked.ts';
import { printSummary, summarize, type Measured } from './summary.ts';
import { openWorld, type OpenRunsWorld } from './world.ts';

/** As many as an environment lets run at once. */
const PLACES = 5;
const ENVIRONMENTS = 20;
const QUEUED_SHARE = 0.3;
const BARE = 'bare';
/** In smaller crowds most would bake, and too few ask people. */
const FEWEST = 500;
const USAGE =
  'usage: npm run bench -- open-runs [--runs 1000] [--commands 400] [--rate 10] [--admissions 200] [--output json]';

interface Options {
  readonly runs: number;
  /** Let in by one coordinator, before the others are open and beside them. */
  readonly admissions: number;
  readonly pace: Pace;
  readonly isJson: boolean;
}

/** Exit code 1 when a goal is missed; 2 for options that are none. */
export async function run(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (options === null) return 2;
  const world = await openWorld();
  try {
    const summary = summarize(await measure(world, options));
    printSummary(summary, options.isJson);
    return summary.missed.length === 0 ? 0 : 1;
  } finally {
    await world.close();
  }
}

function readOptions(args: readonly string[]): Options | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      runs: { type: 'string', default: '1000' },
      commands: { type: 'string', default: '400' },
      rate: { type: 'string', default: '10' },
      admissions: { type: 'string', default: '200' },
      output: { type: 'string', default: 'text' },
    },
  });
  const [runs, commands, perSecond, admissions] = [values.runs, values.commands, values.rate, values.admissions].map(
    Number,
  );
  const isWhole = (one: number | undefined): one is number => one !== undefined && Number.isInteger(one) && one > 0;
  if (isWhole(runs) && isWhole(commands) && isWhole(perSecond) && isWhole(admissions)) {
    const isJson = values.output === 'json';
    // Each fourth of them approves, and each run is taken for one purpose.
    if (runs >= FEWEST && commands <= runs) return { runs, admissions, pace: { commands, perSecond }, isJson };
  }
  process.stderr.write(`${USAGE}\n  at least ${FEWEST} runs, at most as many commands as runs\n`);
  return null;
}

async function measure(
  { deps, worker, temporal }: OpenRunsWorld,
  { runs, pace, admissions }: Options,
): Promise<Measured> {
  say('one run alone');
  const idle = await aloneOn(deps, pace);
  const bareIdle = await updateBare(deps, BARE, pace);
  say(`admissions of ${admissions} runs`);
  const lineIdle = await measureAdmissions(deps, 'line-idle', admissions);
  const empty = memoryOf(worker.pid);
  const crowd = await park(deps, runs);
  const parked = memoryOf(worker.pid);
  const historyEvents = {
    approval: await eventsOf(deps, crowd, 'approval'),
    bake: await eventsOf(deps, crowd, 'bake'),
  };
  say(`${pace.commands} commands, ${pace.perSecond} a second`);
  const [loadAverage = 0] = loadavg();
  const open = await commandCrowd(deps, crowd.runs, pace);
  const bareOpen = await updateBare(deps, BARE, pace);
  say(`admissions of ${admissions} runs beside the others`);
  const lineOpen = await measureAdmissions(deps, 'line-open', admissions);
  return {
    runs,
    loadAverage,
    startsPerSecond: tenths(crowd.startsPerSecond),
    parkedAfterSeconds: tenths(crowd.parkedAfterSeconds),
    parked: crowd.parked,
    worker: { empty, parked, afterCommands: memoryOf(worker.pid) },
    temporal: memoryOf(temporal.pid),
    command: { idle, open },
    bareUpdate: { idle: bareIdle, open: bareOpen },
    admissions: { idle: lineIdle, open: lineOpen },
    historyEvents,
  };
}

async function aloneOn(deps: EngineDeps, pace: Pace) {
  await applyEnvironments(deps, ['alone']);
  const { runs } = await startAll(deps, [{ environment: 'alone', shape: 'approval' }]);
  await until(
    () => parkedIn(deps, ['alone']),
    ({ awaitingApproval }) => awaitingApproval === 1,
  );
  return commandOne(deps, runs[0]?.run ?? '', pace);
}

interface Crowd {
  readonly runs: readonly Started[];
  readonly parked: Parked;
  readonly startsPerSecond: number;
  readonly parkedAfterSeconds: number;
}

async function park(deps: EngineDeps, count: number): Promise<Crowd> {
  const names = Array.from({ length: ENVIRONMENTS }, (_, at) => `bench-${at + 1}`);
  await applyEnvironments(deps, names);
  const wanted = Array.from({ length: count }, (_, at): Wanted => {
    const environment = names[at % names.length] ?? '';
    return { environment, shape: shapeOf(Math.floor(at / names.length), count / names.length) };
  });
  const approvals = wanted.filter(({ shape }) => shape === 'approval').length;
  const baking = names.length * PLACES;
  const due: Parked = { awaitingApproval: approvals, baking, queued: count - approvals - baking };
  say(`${count} runs: ${approvals} ask people, ${baking} bake, ${due.queued} queue`);
  const beganAt = performance.now();
  const { runs, perSecond } = await startAll(deps, wanted);
  say(`started, ${tenths(perSecond)} a second`);
  const parked = await until(
    () => parkedIn(deps, names),
    (seen) => JSON.stringify(seen) === JSON.stringify(due),
  );
  return { runs, parked, startsPerSecond: perSecond, parkedAfterSeconds: (performance.now() - beganAt) / 1_000 };
}

/** Of the runs of one environment, in the order of their starts: the first bake, those after them queue, the others ask. */
const shapeOf = (at: number, of: number): Shape => (at < PLACES + Math.floor(of * QUEUED_SHARE) ? 'bake' : 'approval');

async function eventsOf(deps: EngineDeps, { runs }: Crowd, shape: Shape): Promise<number> {
  const client = await deps.temporal();
  const one = runs.find((started) => started.shape === shape);
  return (await client.workflow.getHandle(one?.workflowId ?? '').describe()).historyLength;
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);
