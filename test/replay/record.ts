// Records histories; README.md beside it says when and how.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { startRunOn } from '../support/runs/run-world.ts';
import { realServer } from '../support/runs/run-servers.ts';
import { historyFile, HISTORIES } from './histories.ts';
import { neutral } from './neutral.ts';
import { playRealRuns, REAL_RUNS } from './real-runs.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';

const { values, positionals } = parseArgs({
  options: { again: { type: 'boolean', default: false }, real: { type: 'boolean', default: false } },
  allowPositionals: true,
});

const unknown = positionals.filter((name) => ![...SCENARIOS, ...REAL_RUNS].some((known) => known.name === name));
if (unknown.length > 0) throw new Error(`no such scenario: ${unknown.join(', ')}`);

const isWanted = ({ name }: { readonly name: string }): boolean =>
  (positionals.length === 0 || positionals.includes(name)) && (values.again || !existsSync(historyFile(name)));

mkdirSync(HISTORIES, { recursive: true });
if (values.real) {
  await playRealRuns(REAL_RUNS.filter(isWanted), async (name, { client, workflowId, phase }) =>
    keep(name, client.workflow.getHandle(workflowId), phase),
  );
} else {
  await playScenarios(SCENARIOS.filter(isWanted));
}

async function playScenarios(scenarios: readonly Scenario[]): Promise<void> {
  const server = await realServer();
  for (const { name, options, drive } of scenarios) {
    const run = await startRunOn(server, options);
    await drive?.(run);
    const { phase } = await run.result();
    await keep(name, run.handle, phase);
    await run.close();
  }
  await server.close();
}

async function keep(name: string, handle: WorkflowHandle, phase: string): Promise<void> {
  const history = historyToJSON(await handle.fetchHistory());
  writeFileSync(historyFile(name), `${neutral(history, process.cwd())}\n`);
  process.stdout.write(`${name}: ${phase}\n`);
}
