import { createLogUpdate } from 'log-update';
import picocolors from 'picocolors';
import type { WaveStatus } from './wave-status.ts';

const BAR_CELLS = 20;
const STEP_COLUMNS = 72;

/** What the demo shows: live lines in a terminal, a line for each thing that changed in a pipe. */
export class Screen {
  readonly isLive: boolean;
  readonly #colours: ReturnType<typeof picocolors.createColors>;
  readonly #live = createLogUpdate(process.stdout);
  readonly #startedMs = new Map<number, number>();
  readonly #shown = new Map<number, string>();

  constructor(isTerminal: boolean, env: NodeJS.ProcessEnv) {
    this.isLive = isTerminal;
    this.#colours = picocolors.createColors(isTerminal && (env['NO_COLOR'] ?? '') === '');
  }

  title(text: string, aside: string): void {
    this.line(`${this.#colours.bold(text)} · ${aside}`);
  }

  line(text: string): void {
    process.stdout.write(`${text}\n`);
  }

  done(what: string, result: string): void {
    this.line(`${what.padEnd(STEP_COLUMNS)} ${this.#colours.green('✓')} ${result}`);
  }

  bad(what: string, result: string): void {
    this.line(`${what.padEnd(STEP_COLUMNS)} ${this.#colours.red('✗')} ${result}`);
  }

  dim(text: string): void {
    this.line(this.#colours.dim(text));
  }

  /** Draws the waves that have begun anew; in a pipe a line when a wave has ended. */
  waves(waves: readonly WaveStatus[]): void {
    const begun = waves.filter(({ offered = 0 }) => offered > 0);
    for (const { wave } of begun) if (!this.#startedMs.has(wave)) this.#startedMs.set(wave, Date.now());
    if (this.isLive) return this.#live(begun.map((wave) => this.#wave(wave)).join('\n'));
    for (const wave of begun) {
      if (wave.state === 'offering' || wave.state === 'waiting' || this.#shown.has(wave.wave)) continue;
      this.#shown.set(wave.wave, wave.state);
      this.line(this.#wave(wave));
    }
  }

  /** Leaves what was drawn and starts the next rollout's waves afresh. */
  endOfWaves(): void {
    if (this.isLive) this.#live.done();
    this.#startedMs.clear();
    this.#shown.clear();
  }

  #wave({ wave, state, offered = 0, succeeded = 0, ...ended }: WaveStatus): string {
    const failed = (ended.failed ?? 0) + (ended.rejected ?? 0) + (ended.timed_out ?? 0);
    const share = offered === 0 ? 0 : succeeded / offered;
    const good = Math.round(share * BAR_CELLS);
    const bad = Math.min(BAR_CELLS - good, Math.ceil((failed / Math.max(1, offered)) * BAR_CELLS));
    const bar = this.#colours.green('█'.repeat(good)) + this.#colours.red('▓'.repeat(bad));
    const rest = this.#colours.dim('·'.repeat(BAR_CELLS - good - bad));
    const counted = `${succeeded}/${offered}`.padStart(9);
    const percent = `${Math.round(share * 100)} %`.padStart(6);
    const word = state === 'stopped' ? this.#colours.red('stopped') : '';
    return `   wave ${wave} ${counted}   ${bar}${rest} ${percent}   ${failed} failed   ${word}`.trimEnd();
  }
}
