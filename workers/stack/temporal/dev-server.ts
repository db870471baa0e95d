import { RUN_SEARCH_ATTRIBUTES } from '#domain/search-attributes.ts';
import type { Command } from '../command.ts';
import { findTemporalCli } from '../../../client/engine/stack/components/temporal-programs.ts';

export interface DevServer {
  readonly port: number;
  /** Port of the web interface; null starts none. */
  readonly uiPort: number | null;
  readonly namespace: string;
  /** File of its database; everything lives in memory without one. */
  readonly databaseFile: string | null;
}

/** Temporal's development server on 127.0.0.1 with the search attributes of runs. */
export function devServerCommand({ port, uiPort, namespace, databaseFile }: DevServer): Command {
  const args = ['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--namespace', namespace];
  args.push('--log-level', 'warn', '--log-format', 'json');
  args.push(...(uiPort === null ? ['--headless'] : ['--ui-port', String(uiPort), '--ui-disable-news-fetch']));
  // Without these a step takes 50 ms instead of 9 ms and every timer has a grain of one second.
  args.push('--dynamic-config-value', 'history.transferProcessorMaxPollRPS=10000');
  args.push('--dynamic-config-value', 'history.timerProcessorMaxTimeShift="10ms"');
  // The development server reads its registry of search attributes from the database at each request otherwise.
  args.push('--dynamic-config-value', 'system.forceSearchAttributesCacheRefreshOnRead=false');
  for (const name of RUN_SEARCH_ATTRIBUTES) args.push('--search-attribute', `${name}=Keyword`);
  if (databaseFile !== null) args.push('--db-filename', databaseFile, ...DURABLE_PRAGMAS);
  return { file: findTemporalCli(), args };
}

// FULL: a decision that Temporal acknowledged is on the disk, as PostgreSQL's rows are; one store must not fall behind the other.
const DURABLE_PRAGMAS = ['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=FULL'];
