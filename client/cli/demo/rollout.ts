import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandLine } from './command-line.ts';
import type { Stage } from './fleet.ts';
import type { Screen } from './screen.ts';
import type { WaveStatus } from './wave-status.ts';

export interface RolloutStatus {
  readonly status: string;
  readonly reason: string | null;
  readonly waves: readonly WaveStatus[];
}

/** How people decided on a rollout; null when it went on, or ended, without. */
export interface Decision {
  readonly by: string;
  readonly decision: 'approve' | 'reject';
}

const CLOSED = ['completed', 'rolled-back', 'cancelled', 'failed', 'rollback-incomplete'];
const AWAITING = 'awaiting-approval';
const LOOK_EVERY_MS = 300;

/** Makes a canary plan for `version`; the author is lin, who may therefore not approve it. */
export async function makePlan(
  sluice: CommandLine,
  stage: Stage,
  version: string,
): Promise<{ plan_id: string; digest: string }> {
  const file = join(stage.folder, `plan-${version}.json`);
  const plan = {
    name: `Demo rollout v${version}`,
    firmware_version: version,
    firmware: 'demo-edge',
    target_environment: stage.name,
    strategy: 'canary',
    bake: '0s',
  };
  writeFileSync(file, JSON.stringify(plan, null, 2));
  return sluice.json('plan', 'create', '--config', file, '--as', 'lin');
}

/** Starts the plan; it then waits for its approval. */
export async function execute(sluice: CommandLine, planId: string): Promise<string> {
  const started = await sluice.json<{ execution_id: string }>('deploy', 'execute', '--plan-id', planId, '--as', 'lin');
  return started.execution_id;
}

/** Resolves when the run waits for its approval, or is over. */
export const untilAwaiting = (sluice: CommandLine, run: string): Promise<RolloutStatus> =>
  until(sluice, run, ({ status }) => status === AWAITING || CLOSED.includes(status));

/** Resolves when a run that waited for its approval does so no more, with who decided how. */
export async function untilDecided(sluice: CommandLine, run: string): Promise<Decision | null> {
  await until(sluice, run, ({ status }) => status !== AWAITING);
  const { events } = await sluice.json<{ events: { type: string; data: Record<string, unknown> }[] }>(
    ...['run', 'events', run],
  );
  const decided = events.findLast(({ type }) => type === 'gate-decided');
  if (!decided) return null;
  return { by: String(decided.data['by']), decision: decided.data['decision'] === 'approve' ? 'approve' : 'reject' };
}

/** Shows the waves until the run is over. */
export const follow = (sluice: CommandLine, run: string, screen: Screen): Promise<RolloutStatus> =>
  until(sluice, run, ({ status, waves }) => {
    screen.waves(waves);
    return CLOSED.includes(status);
  });

async function until(
  sluice: CommandLine,
  run: string,
  isReached: (status: RolloutStatus) => boolean,
): Promise<RolloutStatus> {
  for (;;) {
    const status = await sluice.json<RolloutStatus>('deploy', 'status', '--execution-id', run);
    if (isReached(status)) return status;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
