// Every victim at every turn of a run: four runs stand at four of them when it dies, and each ends as it should.
import { expect, it } from 'vitest';
import type { Phase } from '#domain/run/run-state.ts';
import { USUAL_PARTS } from '../support/servers/usual-parts.ts';
import { DEADLINE_MS, openScene, problemsOf } from '../support/crash/scene.ts';
import type { Trial } from '../support/crash/trial.ts';

const scene = openScene();

/** One wave that the rate limit releases slowly, so that it has a middle. */
const SLOW = { waves: [100], maximumPerMinute: 120, devices: 8 };

const isMid = ({ succeeded, offered, targets }: { succeeded: number; offered: number; targets: number }): boolean =>
  succeeded > 0 && offered < targets;

interface Runs {
  /** Its approval was decided: neither is that in the journal, nor has anything followed from it. */
  readonly decided: Trial;
  /** Its first wave has ended, its second has not begun. */
  readonly between: Trial;
  /** Some of its devices were offered their way back. */
  readonly goingBack: Trial;
  /** Some devices of its wave have succeeded, some were not offered. */
  readonly midWave: Trial;
}

async function openRuns(victim: string): Promise<Runs> {
  const [decided, between, goingBack, midWave] = await Promise.all([
    scene.open({ name: `${victim}-decided`, devices: 5, needsApproval: true }),
    scene.open({ name: `${victim}-between`, devices: 5 }),
    scene.open({ name: `${victim}-back`, ...SLOW }),
    scene.open({ name: `${victim}-mid`, ...SLOW }),
  ]);
  return { decided, between, goingBack, midWave };
}

/** Brings each run to its turn, where it is held; the one in the middle of a wave goes on. The result lets go. */
async function bringToTheirTurns({ decided, between, goingBack, midWave }: Runs): Promise<() => void> {
  const { points } = scene.world;
  const hold = (point: string) => points.arm(point, { then: 'hold' });
  // Of the three only this one has a second wave to look before; the approval is still open.
  const beforeNextWave = hold('before:lookOnce');
  await Promise.all([decided.execute(), between.execute(), goingBack.execute()]);
  await beforeNextWave.fired(DEADLINE_MS);
  await goingBack.until('its wave is half done', isMid, DEADLINE_MS);
  await decided.untilPhase('awaiting-approval', DEADLINE_MS);
  const held = [beforeNextWave, ...['journal:gate-decided', 'before:prepareRollout', 'way-backs-written'].map(hold)];
  await Promise.all([decided.approve(), goingBack.command('rollBackRun')]);
  for (const point of held) await point.fired(DEADLINE_MS);
  await midWave.execute();
  await midWave.until('its wave is half done', isMid, DEADLINE_MS);
  return () => {
    for (const point of held) point.release();
  };
}

const ENDS: Readonly<Record<keyof Runs, Phase>> = {
  decided: 'completed',
  between: 'completed',
  goingBack: 'rolled-back',
  midWave: 'completed',
};

it.each([...USUAL_PARTS, 'up', 'everything'] as const)(
  'runs after a decision, between waves, in a wave and in a rollback go on when %s is killed',
  async (victim) => {
    const runs = await openRuns(victim);
    const letGo = await bringToTheirTurns(runs);
    await scene.world.kill(victim);
    letGo();
    if (!scene.world.isUp) await scene.world.startUp();
    const turns = Object.entries(ENDS) as [keyof Runs, Phase][];
    const problems = await Promise.all(turns.map(async ([turn, end]) => [turn, await problemsOf(runs[turn], end)]));
    expect(problems).toEqual(turns.map(([turn]) => [turn, []]));
  },
);
