// Records histories; README.md beside it says when and how.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import type { WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { LineWorld } from '../support/environments/line-world.ts';
import { startRunOn } from '../support/runs/run-world.ts';
import { realServer } from '../support/runs/run-servers.ts';
import { historiesOf, historyFile, type RecordedKind } from './histories.ts';
import { neutral } from './neutral.ts';
import { playRealRuns, REAL_RUNS } from './real-runs.ts';
import { EmergencyWorld } from '../support/emergency/emergency-world.ts';
import { EMERGENCY_SCENARIOS } from './emergency-scenarios.ts';
import { JOINT_SCENARIOS } from './joint-scenarios.ts';
import { LINE_SCENARIOS } from './line-scenarios.ts';
import { RELEASE_SCENARIOS } from './release-scenarios.ts';
import { POLICY_RELEASE_SCENARIOS, POLICY_SCENARIOS } from './policy-scenarios.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';
import { WINDOW_SCENARIOS } from './window-scenarios.ts';

const { values, positionals } = parseArgs({
  options: { again: { type: 'boolean', default: false }, real: { type: 'boolean', default: false } },
  allowPositionals: true,
});

const lined = LINE_SCENARIOS.flatMap(({ names }) => names);
const rollouts = [...SCENARIOS, ...WINDOW_SCENARIOS, ...POLICY_SCENARIOS];
const releases = [...RELEASE_SCENARIOS, ...POLICY_RELEASE_SCENARIOS];
const scripted = [...rollouts, ...releases, ...JOINT_SCENARIOS, ...EMERGENCY_SCENARIOS, ...REAL_RUNS];
const known = [...scripted.map(({ name }) => name), ...lined];
const unknown = positionals.filter((name) => !known.includes(name));
if (unknown.length > 0) throw new Error(`no such scenario: ${unknown.join(', ')}`);

const isWanted =
  (kind: RecordedKind) =>
  ({ name }: { readonly name: string }): boolean =>
    (positionals.length === 0 || positionals.includes(name)) && (values.again || !existsSync(historyFile(kind, name)));

for (const kind of ['fleet-rollout', 'container-release', 'joint-release', 'environment', 'emergency'] as const)
  mkdirSync(historiesOf(kind), { recursive: true });
if (values.real) {
  const wanted = REAL_RUNS.filter(isWanted('fleet-rollout'));
  await playRealRuns(wanted, async (name, { client, workflowId, phase }) =>
    keep(historyFile('fleet-rollout', name), client.workflow.getHandle(workflowId), phase),
  );
} else {
  await playScenarios('fleet-rollout', rollouts);
  await playScenarios('container-release', releases);
  await playScenarios('joint-release', JOINT_SCENARIOS);
  await playLines();
  await playEmergencies();
}

async function playScenarios(kind: RecordedKind, scenarios: readonly Scenario[]): Promise<void> {
  const wanted = scenarios.filter(isWanted(kind));
  if (wanted.length === 0) return;
  const server = await realServer();
  for (const { name, options, drive } of wanted) {
    const run = await startRunOn(server, options);
    await drive?.(run);
    const { phase } = await run.result();
    await keep(historyFile(kind, name), run.handle, phase);
    await run.close();
  }
  await server.close();
}

/** All histories of a scenario are recorded when one of them is wanted. */
async function playLines(): Promise<void> {
  for (const { names, options, play } of LINE_SCENARIOS) {
    const isMissing = (name: string): boolean =>
      (['fleet-rollout', 'environment'] as const).every((kind) => !existsSync(historyFile(kind, name)));
    const asked = names.filter((name) => positionals.length === 0 || positionals.includes(name));
    if (!asked.some((name) => values.again || isMissing(name))) continue;
    const world = await LineWorld.open({ ...options, isReal: true });
    for (const { kind, name, handle } of await play(world)) await keep(historyFile(kind, name), handle, kind);
    await world.close();
  }
}

async function playEmergencies(): Promise<void> {
  for (const { name, script, drive } of EMERGENCY_SCENARIOS.filter(isWanted('emergency'))) {
    const world = await EmergencyWorld.open({ ...script, isReal: true });
    const handle = await world.start();
    await drive?.(world, handle);
    const { stage } = await world.result(handle);
    await keep(historyFile('emergency', name), handle, stage);
    await world.close();
  }
}

async function keep(file: string, handle: WorkflowHandle, phase: string): Promise<void> {
  const history = historyToJSON(await handle.fetchHistory());
  writeFileSync(file, `${neutral(history, process.cwd())}\n`);
  process.stdout.write(`${basename(file, '.json')}: ${phase}\n`);
}
