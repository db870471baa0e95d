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

const CLOSED = ['completed', 'rolled-back', 'cancelled', 'failed', 'rollback-incomplete'];
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

/** Resolves when the run left this phase. */
export async function untilLeft(sluice: CommandLine, run: string, phase: string): Promise<RolloutStatus> {
  for (;;) {
    const status = await sluice.json<RolloutStatus>('deploy', 'status', '--execution-id', run);
    if (status.status !== phase) return status;
    await pause();
  }
}

/** Shows the waves until the run is over. */
export async function follow(sluice: CommandLine, run: string, screen: Screen): Promise<RolloutStatus> {
  for (;;) {
    const status = await sluice.json<RolloutStatus>('deploy', 'status', '--execution-id', run);
    screen.waves(status.waves);
    if (CLOSED.includes(status.status)) return status;
    await pause();
  }
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
