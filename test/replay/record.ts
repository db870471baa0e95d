// Records the histories of all scenarios on a real server: `node test/replay/record.ts [NAME…]`. Run it when a workflow
// was changed by a patch, under new names: recorded histories are what open runs look like and are never overwritten.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { startRunOn } from '../support/runs/run-world.ts';
import { realServer } from '../support/runs/run-servers.ts';
import { historyFile, HISTORIES } from './histories.ts';
import { SCENARIOS } from './scenarios.ts';

const ROOT = `${process.cwd()}/`;
mkdirSync(HISTORIES, { recursive: true });
const wanted = process.argv.slice(2);
const server = await realServer();
for (const scenario of SCENARIOS) {
  const file = historyFile(scenario.name);
  if (existsSync(file) || (wanted.length > 0 && !wanted.includes(scenario.name))) continue;
  const run = await startRunOn(server, scenario.options);
  await scenario.drive?.(run);
  const { phase } = await run.result();
  // Stack traces name the folder of whoever recorded.
  const history = historyToJSON(await run.handle.fetchHistory()).replaceAll(ROOT, '');
  writeFileSync(file, `${history}\n`);
  process.stdout.write(`${scenario.name}: ${phase}\n`);
  await run.close();
}
await server.close();
