// What `sluice up` prints: one table of addresses, then a line for everything that changes.
import pico from 'picocolors';
import { escaped } from '../../client/cli/render/printable.ts';
import { counted } from '#domain/counted.ts';
import { formatDuration } from '#domain/time.ts';
import { PART_TITLES } from '../../client/engine/stack/part-names.ts';
import type { StackPart } from '../../client/engine/stack/stack-file.ts';
import type { Settings } from '../../client/engine/settings.ts';
import type { Narrator } from './run-stack.ts';

export interface Screen {
  readonly write: (text: string) => void;
  readonly colour: boolean;
  /** A terminal, whose last line may be written anew. */
  readonly live: boolean;
}

/** Lines for people. */
export function narrateToPeople(settings: Settings, { write, colour, live }: Screen): Narrator {
  const paint = pico.createColors(colour);
  const awaited = new AwaitedParts(write, live);
  const line = (text: string) => awaited.tellAbove(text);
  return {
    leftoversEnded: (count) =>
      line(`  ended ${counted(count, 'process', 'processes')} that an earlier sluice up had left`),
    starting: (titles) => awaited.begin(titles),
    partReady: (title) => awaited.ready(title),
    started: (parts, tookMs) => {
      awaited.end();
      const rows = tableOf(parts, settings);
      const width = Math.max(...rows.map(([title]) => title.length)) + 2;
      for (const [title, address] of rows) line(`  ${paint.green('✓')} ${title.padEnd(width)} ${address}`);
      line(`  data under ${escaped(settings.dataDirectory)}`);
      line(`  ready in ${formatDuration(tookMs)} · Ctrl-C stops it · sluice status`);
    },
    partEnded: (title, why) => line(`  ${paint.red('✗')} ${title} ended (${escaped(why)}), starting it again`),
    partBack: (title, tookMs) => line(`  ${paint.green('✓')} ${title} is back after ${formatDuration(tookMs)}`),
    stopping: () => {
      awaited.end();
      line('  stopping');
    },
    stopped: () => line('  stopped; nothing runs any more'),
  };
}

const CLEAR_LINE = '\r\u001b[2K';

/** What is still waited for: one last line, which a terminal sees become shorter. */
class AwaitedParts {
  readonly #write: (text: string) => void;
  readonly #live: boolean;
  #titles: readonly string[] = [];

  constructor(write: (text: string) => void, live: boolean) {
    this.#write = write;
    this.#live = live;
  }

  begin(titles: readonly string[]): void {
    this.#titles = titles;
    this.#write(`${this.#text()}${this.#live || titles.length === 0 ? '' : '\n'}`);
  }

  ready(title: string): void {
    this.#titles = this.#titles.filter((one) => one !== title);
    if (this.#live) this.#write(`${CLEAR_LINE}${this.#text()}`);
  }

  /** Another line, of which this one stays the last. */
  tellAbove(line: string): void {
    if (this.#live && this.#titles.length > 0) this.#write(`${CLEAR_LINE}${line}\n${this.#text()}`);
    else this.#write(`${line}\n`);
  }

  end(): void {
    if (this.#live && this.#titles.length > 0) this.#write(CLEAR_LINE);
    this.#titles = [];
  }

  #text(): string {
    return this.#titles.length === 0 ? '' : `  starting ${this.#titles.join(', ')} …`;
  }
}

/** One JSON document, when everything is ready. */
export function narrateToPrograms(settings: Settings, write: (text: string) => void): Narrator {
  const silent = () => undefined;
  return {
    leftoversEnded: silent,
    starting: silent,
    partReady: silent,
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
