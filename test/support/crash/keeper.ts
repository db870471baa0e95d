// Ends everything of a crash world when the process that opened it is gone, however it went.
import { rmSync } from 'node:fs';
import { isRunning, startTicksOf } from '../../../client/engine/stack/process-identity.ts';
import { killMarked } from '../servers/marked-processes.ts';
import { WORLD_MARK } from './world-mark.ts';

const [run, folder = ''] = process.argv.slice(2);
const owner = { pid: Number(run), startTicks: startTicksOf(Number(run)) ?? 0 };
const OWNER_POLL_MS = 500;

while (isRunning(owner)) await new Promise((resolve) => setTimeout(resolve, OWNER_POLL_MS));
await killMarked(WORLD_MARK, folder);
rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
