import { createLogUpdate } from 'log-update';
import picocolors from 'picocolors';
import { formatDuration } from '#domain/time.ts';
import { wrap } from '../render/lines.ts';
import { safeText } from '../render/printable.ts';
import { bar } from '../render/progress.ts';
import { allowsColour, type TerminalStream } from '../terminal.ts';
import type { WaveStatus } from './wave-status.ts';

const NARROW = 80;
/** Where results stand, unless one needs more room. */
const RESULT_COLUMN = 53;

/** What the demo shows: live lines in a terminal, a line for each thing that changed in a pipe. */
export class Screen {
  readonly isLive: boolean;
  readonly #colours: ReturnType<typeof picocolors.createColors>;
  readonly #colour: boolean;
  readonly #live = createLogUpdate(process.stdout);
  readonly #startedMs = new Map<number, number>();
  readonly #tookMs = new Map<number, number>();
  readonly #shown = new Map<number, string>();
  #servingKey: string | undefined;

  constructor(stdout: TerminalStream, env: NodeJS.ProcessEnv) {
    this.isLive = stdout.isTTY === true;
    this.#colour = allowsColour(stdout, env);
    this.#colours = picocolors.createColors(this.#colour);
  }

  title(text: string, aside: string): void {
    this.line(`${this.#colours.bold(text)} · ${aside}`);
  }

  line(text: string): void {
    process.stdout.write(`${safeText(text, this.#colour)}\n`);
  }

  done(what: string, result: string): void {
    this.#result(what, this.#colours.green('✓'), result);
  }

  bad(what: string, result: string): void {
    this.#result(what, this.#colours.red('✗'), result);
  }

  /** What was done and what came of it, on one line if there is room for both. */
  #result(what: string, mark: string, result: string): void {
    const column = Math.max(3, Math.min(RESULT_COLUMN, this.#width() - 2 - result.length));
    const indent = /^ */.exec(what)?.[0] ?? '';
    const lines = wrap(what.trim(), this.#width() - indent.length).map((line) => indent + line);
    const last = lines.at(-1) ?? '';
    const fits = last.length < column;
    for (const line of fits ? lines.slice(0, -1) : lines) this.line(line);
    this.line(`${(fits ? last : '').padEnd(column)}${mark} ${result}`);
  }

  #width(): number {
    return (this.isLive && process.stdout.columns) || NARROW;
  }

  /** Draws the waves that have begun anew; in a pipe a line when a wave has ended. */
  waves(waves: readonly WaveStatus[]): void {
    const begun = waves.filter(({ offered = 0 }) => offered > 0);
    for (const wave of begun) this.#time(wave);
    if (this.isLive) return this.#live(begun.map((wave) => this.#wave(wave)).join('\n'));
    for (const wave of begun) {
      if (isOpen(wave) || this.#shown.has(wave.wave)) continue;
      this.#shown.set(wave.wave, wave.state);
      this.line(this.#wave(wave));
    }
  }

  /** A line that is drawn anew in a terminal; in a pipe it is printed when `key` is another than before. */
  serving(key: string, text: string): void {
    if (this.isLive) return this.#live(text);
    if (this.#servingKey === key) return;
    this.#servingKey = key;
    this.line(text);
  }

  /** Leaves what was drawn and starts the next rollout's waves afresh. */
  endOfWaves(): void {
    if (this.isLive) this.#live.done();
    this.#servingKey = undefined;
    for (const known of [this.#startedMs, this.#tookMs, this.#shown]) known.clear();
  }

  #time(status: WaveStatus): void {
    const { wave } = status;
    const startedMs = this.#startedMs.get(wave) ?? Date.now();
    this.#startedMs.set(wave, startedMs);
    if (!isOpen(status) && !this.#tookMs.has(wave)) this.#tookMs.set(wave, Date.now() - startedMs);
  }

  #wave({ wave, state, offered = 0, succeeded = 0, ...ended }: WaveStatus): string {
    const failed = (ended.failed ?? 0) + (ended.rejected ?? 0) + (ended.timed_out ?? 0);
    const cells = bar(succeeded, failed, offered);
    const { green, red, dim } = this.#colours;
    const drawn = `${green(cells.succeeded)}${red(cells.failed)}${dim(cells.open)}`;
    const counted = `${succeeded}/${offered}`.padStart(9);
    const percent = `${Math.round((succeeded / Math.max(1, offered)) * 100)} %`.padStart(6);
    const tookMs = this.#tookMs.get(wave);
    const end = state === 'stopped' ? red('stopped') : tookMs === undefined ? '' : formatDuration(tookMs);
    return `   wave ${wave} ${counted}   ${drawn} ${percent}   ${failed} failed   ${end}`.trimEnd();
  }
}

const isOpen = ({ state }: WaveStatus): boolean => state === 'offering' || state === 'waiting';
