// What `sluice up` prints: one table of addresses, then a line for everything that changes.
import pico from 'picocolors';
import { formatDuration } from '#domain/time.ts';
import { PART_TITLES } from '../../client/engine/stack/part-names.ts';
import type { StackPart } from '../../client/engine/stack/stack-file.ts';
import type { Settings } from '../../client/engine/settings.ts';
import type { Narrator } from './run-stack.ts';

export interface Screen {
  readonly write: (text: string) => void;
  readonly colour: boolean;
}

/** Lines for people. */
export function narrateToPeople(settings: Settings, { write, colour }: Screen): Narrator {
  const paint = pico.createColors(colour);
  const line = (text: string) => write(`${text}\n`);
  return {
    leftoversEnded: (count) => line(`  ended ${count} processes that an earlier sluice up had left`),
    started: (parts, tookMs) => {
      const rows = tableOf(parts, settings);
      const width = Math.max(...rows.map(([title]) => title.length)) + 2;
      for (const [title, address] of rows) line(`  ${paint.green('✓')} ${title.padEnd(width)} ${address}`);
      line(
        `  ready in ${formatDuration(tookMs)}, data under ${settings.dataDirectory} · Ctrl-C stops it · sluice status`,
      );
    },
    partEnded: (title, why) => line(`  ${paint.red('✗')} ${title} ended (${why}), starting it again`),
    partBack: (title, tookMs) => line(`  ${paint.green('✓')} ${title} is back after ${formatDuration(tookMs)}`),
    stopping: () => line('  stopping'),
    stopped: () => line('  stopped; nothing runs any more'),
  };
}

/** One JSON document, when everything is ready. */
export function narrateToPrograms(settings: Settings, write: (text: string) => void): Narrator {
  const silent = () => undefined;
  return {
    leftoversEnded: silent,
    started: (parts, tookMs) => {
      const document = {
        data_directory: settings.dataDirectory,
        pid: process.pid,
        ready_in_ms: tookMs,
        ports: settings.ports,
        parts,
      };
      write(`${JSON.stringify(document)}\n`);
    },
    partEnded: silent,
    partBack: silent,
    stopping: silent,
    stopped: silent,
  };
}

/** Title and address of each line; Sluice's own processes share the address of the HTTP server. */
function tableOf(parts: readonly StackPart[], settings: Settings): [string, string][] {
  const rows: [string, string][] = [];
  for (const part of parts) {
    if (part.address === '' || part.name === 'http') continue;
    const ui = part.name === 'temporal' && part.embedded ? `   UI http://127.0.0.1:${settings.ports.temporalUi}` : '';
    const version = part.embedded ? part.version : '(yours)';
    rows.push([`${PART_TITLES[part.name]} ${version}`, `${part.address}${ui}`]);
  }
  if (parts.some(({ name }) => name === 'http')) rows.push(['Engine, gateway', settings.httpUrl]);
  return rows;
}
