// What the demo tells: a good firmware that goes out, a bad one that is caught and taken back, and what the devices say.
import type { CommandLine } from './command-line.ts';
import { VERSIONS, DEVICES, type Stage } from './fleet.ts';
import { judgeLedger } from './ledger.ts';
import { execute, follow, makePlan, untilAwaiting, untilDecided, type RolloutStatus } from './rollout.ts';
import type { Screen } from './screen.ts';

export interface Stagecraft {
  readonly sluice: CommandLine;
  readonly screen: Screen;
  readonly stage: Stage;
  /** A person approves, not the demo. */
  readonly isInteractive: boolean;
}

export interface Told {
  /** True only if everything came as it should, by the devices' own account. */
  readonly isGood: boolean;
  /** The run worth looking at. */
  readonly run: string;
}

/** Tells the whole story. A person who rejects a rollout ends it there. */
export async function tellStory(craft: Stagecraft): Promise<Told> {
  const { screen, stage } = craft;
  const good = await rollOut(craft, { version: VERSIONS.good, number: '3' });
  if (good.status === null) return { isGood: false, run: good.run };
  screen.line(`5  Firmware ${VERSIONS.bad} crashes after boot on a third of the devices`);
  const bad = await rollOut(craft, { version: VERSIONS.bad, number: ' ' });
  if (bad.status === null) return { isGood: false, run: bad.run };
  const canary = bad.status.waves.reduce((sum, { offered = 0 }) => sum + offered, 0);
  const verdict = judgeLedger(stage.ledger, DEVICES, canary);
  screen.line('6  The devices’ own ledger:');
  if (verdict.agrees) screen.done(`   ${verdict.summary}`, 'agrees');
  else screen.bad(`   ${verdict.summary}`, 'does not agree');
  const isGood = good.status.status === 'completed' && bad.status.status === 'rolled-back' && verdict.agrees;
  return { isGood, run: bad.run };
}

interface Chapter {
  readonly version: string;
  readonly number: string;
}

/** One rollout from its plan to its end; null when it was not approved. */
async function rollOut(
  craft: Stagecraft,
  { version, number }: Chapter,
): Promise<{ run: string; status: RolloutStatus | null }> {
  const { sluice, screen, stage } = craft;
  const plan = await makePlan(sluice, stage, version);
  screen.done(
    `${number}  Plan ${plan.plan_id}: canary 10 % → 50 % → 100 %`,
    `digest ${plan.digest.slice(0, 8)}…, needs 1 approval (approver, not the author)`,
  );
  const run = await execute(sluice, plan.plan_id);
  if (!(await isApproved(craft, run, number === '3' ? '4' : ' '))) return { run, status: null };
  const startedMs = Date.now();
  const status = await follow(sluice, run, screen);
  screen.endOfWaves();
  const took = `${((Date.now() - startedMs) / 1000).toFixed(1)} s`;
  if (status.status === 'completed') screen.done('', `completed in ${took}`);
  else screen.bad(`   ${status.reason ?? ''}`, `${status.status} after ${took}`);
  return { run, status };
}

async function isApproved(
  { sluice, screen, isInteractive }: Stagecraft,
  run: string,
  number: string,
): Promise<boolean> {
  const { status } = await untilAwaiting(sluice, run);
  if (status !== 'awaiting-approval') {
    screen.bad(`${number}  the run ended before anybody was asked`, status);
    return false;
  }
  const command = `sluice approve ${run} --comment "demo"`;
  if (!isInteractive) {
    await sluice.json('approve', run, '--comment', 'demo', '--as', 'ada');
    screen.done(`${number}  $ ${command}`, 'approved by ada');
    return true;
  }
  screen.line(`${number}  waiting for you, in another terminal:`);
  screen.line(`   SLUICE_USER=ada npx sluice approve ${run}`);
  const decided = await untilDecided(sluice, run);
  if (decided?.decision === 'approve') screen.done('', `approved by ${decided.by}`);
  else
    screen.bad(
      '',
      decided === null ? 'nobody approved it: the demo ends here' : `rejected by ${decided.by}: the demo ends here`,
    );
  return decided?.decision === 'approve';
}
