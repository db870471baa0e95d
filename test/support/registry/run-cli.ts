import { main } from '../../../client/cli/main.ts';
import type { TestEngine } from './test-engine.ts';

export interface CliResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output as the one JSON document that it must be. */
  json(): Record<string, unknown>;
}

/** Runs one command of the CLI in this process, on the database and data directory of `engine`. */
export async function runCli(engine: TestEngine, ...argv: string[]): Promise<CliResult> {
  const written = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr') => ({ write: (text: string) => void (written[name] += text) });
  const exitCode = await main(['--data-dir', engine.folder, ...argv], {
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    env: { SLUICE_DATABASE_URL: engine.databaseUrl, SLUICE_USER: 'ada' },
  });
  return { exitCode, ...written, json: () => JSON.parse(written.stdout) as Record<string, unknown> };
}
