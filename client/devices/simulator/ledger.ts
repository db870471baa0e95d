/** The install ledger: append-only JSON lines; a line that was promised is on disk, whatever dies next. */
import { mkdir, open, readFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LedgerLine } from './flash.ts';

interface Waiting {
  readonly text: string;
  readonly done: () => void;
  readonly failed: (cause: unknown) => void;
}

export class Ledger {
  readonly #file: FileHandle;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /**
   * The ledger at `path`, made when missing, and every line in it, oldest first. A last line without its line end was
   * being written when the program died: nobody was promised it, so it is cut off. Fails on any other unreadable line.
   */
  static async open(path: string): Promise<{ ledger: Ledger; lines: LedgerLine[] }> {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, 'a+');
    const bytes = await readFile(file);
    const whole = bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1);
    if (whole.length < bytes.length) await file.truncate(whole.length);
    try {
      return { ledger: new Ledger(file), lines: parseLines(whole.toString('utf8'), path) };
    } catch (cause) {
      await file.close();
      throw cause;
    }
  }

  /** Resolves when the line has reached the disk. Lines that arrive during a sync share the next one. */
  append(line: LedgerLine): Promise<void> {
    return new Promise((done, failed) => {
      this.#waiting.push({ text: `${JSON.stringify(line)}\n`, done, failed });
      this.#writing ??= this.#drain();
    });
  }

  /** Resolves when all lines are on disk and the file is closed. */
  async close(): Promise<void> {
    await this.#writing;
    await this.#file.close();
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await this.#file.appendFile(batch.map((line) => line.text).join(''));
        await this.#file.datasync();
        for (const line of batch) line.done();
      } catch (cause) {
        for (const line of batch) line.failed(cause);
      }
    }
    this.#writing = undefined;
  }
}

/** The lines of a ledger's text; throws an `Error` naming the first line that is not one. A torn last line is left out. */
function parseLines(text: string, path: string): LedgerLine[] {
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return lines.flatMap((line, at) => {
    if (line === '') return [];
    try {
      return [LedgerLine.parse(JSON.parse(line))];
    } catch (cause) {
      throw new Error(`${path}:${at + 1} is not a ledger line. Move the file away to start with factory devices.`, {
        cause,
      });
    }
  });
}
