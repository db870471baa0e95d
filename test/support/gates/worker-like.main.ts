// Runs one gate command as a worker does, for tests that kill it.
import { runCommand } from '../../../activities/adapters/process/run-command.ts';

const [script = ''] = process.argv.slice(2);
const look = await runCommand({
  argv: ['sh', '-c', script],
  timeoutMs: 60_000,
  env: { PATH: process.env['PATH'] ?? '' },
  signal: new AbortController().signal,
});
process.stdout.write(`${JSON.stringify(look)}\n`);
