// What clients see of a weight and of a way back, each by requests of its own.
import { setTimeout as pause } from 'node:timers/promises';
import { commandRun } from '../../../../client/engine/runs/command-run.ts';
import { eventually } from '../../../support/eventually.ts';
import { Connection } from '../load/connection.ts';
import { BENCH, type DurableShop } from './durable-shop.ts';

const HOST = '127.0.0.1';
const [BEFORE, AFTER] = ['1.0.0', '1.1.0'] as const;
/** Of the application of the bench; nothing lasts so long in these scenes. */
const LONG_BAKE = '10m';
const ASKED_AT_ONCE = 16;
const LOOK_EVERY_MS = 2;
/** So many answers in a row of the old version, and it serves. */
const ENOUGH = 50;
const DEADLINE_MS = 60_000;

export interface WeightAccuracy {
  readonly requests: number;
  readonly wantedPercent: number;
  readonly seenPercent: number;
}

/** New clients, one request each, while a canary has 10 % of the traffic; the run is taken back afterwards. */
export async function measureWeight(shop: DurableShop, requests: number): Promise<WeightAccuracy> {
  const config = { strategy: 'canary', canary_steps: [10, 100], bake: LONG_BAKE };
  const run = await shop.start(AFTER, config);
  await untilStep(shop, run, 'shift-1');
  const answers: string[] = [];
  const lane = async () => {
    while (answers.length < requests) answers.push(await versionNow(shop.port));
  };
  await Promise.all(Array.from({ length: ASKED_AT_ONCE }, lane));
  const counted = answers.slice(0, requests);
  const fresh = counted.filter((version) => version === AFTER).length;
  await commandRun(shop.deps, 'rollBackRun', { run: run.run, person: BENCH, reason: 'measured' });
  await shop.end(run);
  await shop.letGo();
  return { requests, wantedPercent: 10, seenPercent: (fresh * 100) / requests };
}

/** Milliseconds from the command to the first answer of the version before that no other one follows; its instances still run. */
export async function measureWayBack(shop: DurableShop): Promise<number> {
  const run = await shop.start(AFTER, { strategy: 'blue_green', bake: LONG_BAKE });
  await untilStep(shop, run, 'shift');
  const deadline = performance.now() + DEADLINE_MS;
  const decidedAt = performance.now();
  const answer = commandRun(shop.deps, 'rollBackRun', { run: run.run, person: BENCH, reason: 'measured' });
  let first = 0;
  for (let inARow = 0; inARow < ENOUGH; await pause(LOOK_EVERY_MS)) {
    const version = await versionNow(shop.port);
    if (version === BEFORE && inARow === 0) first = performance.now();
    inARow = version === BEFORE ? inARow + 1 : 0;
    if (performance.now() > deadline) throw new Error(`${run.run}: the version before does not serve`);
  }
  await answer;
  await shop.end(run);
  await shop.letGo();
  return first - decidedAt;
}

async function untilStep(shop: DurableShop, run: Awaited<ReturnType<DurableShop['start']>>, step: string) {
  await eventually(async () => {
    const ended = (await shop.journal(run)).find(({ type, data }) => type === 'step-ended' && data['step'] === step);
    if (!ended) throw new Error(`${run.run} has not come to the end of ${step}`);
  }, DEADLINE_MS);
}

/** The version that a client of whom nothing is known gets. Throws when there is no good answer. */
async function versionNow(port: number): Promise<string> {
  const connection = new Connection(HOST, port);
  const exchange = await connection.get('/', false);
  connection.close();
  if (exchange.kind !== 'answered') throw new Error(`${exchange.kind}: ${exchange.reason}`);
  return exchange.answer.version;
}
