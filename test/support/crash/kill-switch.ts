// Inside a process that may die: kills it at the points that a test armed, or stands there until the test lets it go.
import { existsSync, rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import {
  armedFile,
  armedIds,
  firedFile,
  pointsFolder,
  readWhole,
  releasedFile,
  writeWhole,
  type FiredPoint,
  type KillPoint,
} from './kill-point.ts';

const HOLD_POLL_MS = 20;

export class KillSwitch {
  readonly #folder: string;
  readonly #reached = new Map<string, number>();

  constructor(dataDirectory: string) {
    this.#folder = pointsFolder(dataDirectory);
  }

  /** Does not return when the point is armed to kill and its last hit is this one: no clean-up of any kind runs. */
  reached(point: string): void {
    if (this.#fire(point, 'die') !== null) process.kill(process.pid, 'SIGKILL');
  }

  /** As `reached`; where the point is armed to hold it returns when the test lets go. `beat` is called all the while. */
  async passed(point: string, beat: () => void = () => undefined): Promise<void> {
    this.reached(point);
    const held = this.#fire(point, 'hold');
    if (held === null) return;
    while (existsSync(firedFile(this.#folder, held)) && !existsSync(releasedFile(this.#folder, held))) {
      beat();
      await pause(HOLD_POLL_MS);
    }
  }

  /** The id of the point that acts now, or null. What was seen of it stands in its file before anything else happens. */
  #fire(point: string, then: KillPoint['then']): string | null {
    for (const id of armedIds(this.#folder)) {
      const armed = readWhole<KillPoint>(armedFile(this.#folder, id));
      if (armed?.point !== point || armed.then !== then) continue;
      const hits = (this.#reached.get(id) ?? 0) + 1;
      this.#reached.set(id, hits);
      if (hits < armed.hits) continue;
      writeWhole(firedFile(this.#folder, id), { point, pid: process.pid, atMs: Date.now() } satisfies FiredPoint);
      rmSync(armedFile(this.#folder, id), { force: true });
      return id;
    }
    return null;
  }
}
