// Named moments at which a process dies, or stands still until the test lets it go: armed by a test through files, because
// the process is another one.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../eventually.ts';

export interface KillPoint {
  readonly point: string;
  /** How often the point is reached until it acts; 1 is the first time. */
  readonly hits: number;
  /** `hold`: the process stands there, beating where it beats, until `release`; only points of the worker can be held. */
  readonly then: 'die' | 'hold';
}

/** A point that was reached: by whom, and when by the clock of the machine. */
export interface FiredPoint {
  readonly point: string;
  readonly pid: number;
  readonly atMs: number;
}

/** Where the files of one world's points are. */
export const pointsFolder = (dataDirectory: string): string => join(dataDirectory, 'run', 'points');
export const armedFile = (folder: string, id: string): string => join(folder, `${id}.armed`);
export const firedFile = (folder: string, id: string): string => join(folder, `${id}.fired`);
export const releasedFile = (folder: string, id: string): string => join(folder, `${id}.released`);

/** The points that a test armed in one world; several may be armed at once. */
export class KillPoints {
  readonly #folder: string;
  readonly #armed: ArmedPoint[] = [];
  #count = 0;

  constructor(dataDirectory: string) {
    this.#folder = pointsFolder(dataDirectory);
  }

  /** Throws while the same point is armed and was not reached: the test would never learn of the first. */
  arm(point: string, { hits = 1, then = 'die' }: Partial<Omit<KillPoint, 'point'>> = {}): ArmedPoint {
    if (this.#armed.some((one) => one.point === point && one.look() === null))
      throw new Error(`${point} is armed already, and nobody reached it`);
    mkdirSync(this.#folder, { recursive: true });
    this.#count += 1;
    const armed = new ArmedPoint(this.#folder, String(this.#count).padStart(4, '0'), point);
    writeWhole(armedFile(this.#folder, armed.id), { point, hits, then } satisfies KillPoint);
    this.#armed.push(armed);
    return armed;
  }

  /** Disarms all and lets go whoever is held; returns the points that nobody reached. */
  clear(): string[] {
    const unreached = this.#armed.filter((one) => one.look() === null).map(({ point }) => point);
    rmSync(this.#folder, { recursive: true, force: true });
    this.#armed.length = 0;
    return unreached;
  }
}

export class ArmedPoint {
  readonly id: string;
  readonly point: string;
  readonly #folder: string;

  constructor(folder: string, id: string, point: string) {
    this.#folder = folder;
    this.id = id;
    this.point = point;
  }

  /** Who reached it, or null until then. */
  look(): FiredPoint | null {
    return readWhole<FiredPoint>(firedFile(this.#folder, this.id));
  }

  /** Resolves when somebody died there, or stands there. */
  fired(deadlineMs: number): Promise<FiredPoint> {
    return eventually(() => {
      const fired = this.look();
      if (!fired) throw new Error(`nobody reached ${this.point} yet`);
      return fired;
    }, deadlineMs);
  }

  /** Lets go whoever is held there. */
  release(): void {
    writeFileSync(releasedFile(this.#folder, this.id), '');
  }
}

/** Renamed into place: a reader never sees half of it. */
export function writeWhole(file: string, content: object): void {
  writeFileSync(`${file}.tmp`, JSON.stringify(content));
  renameSync(`${file}.tmp`, file);
}

/** What stands in the file, or null when it is not there. */
export function readWhole<T>(file: string): T | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch {
    return null;
  }
}

/** Ids of the points that are armed now, in the order in which they were. */
export function armedIds(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.armed'))
      .map((name) => name.slice(0, -'.armed'.length))
      .sort();
  } catch {
    return [];
  }
}
