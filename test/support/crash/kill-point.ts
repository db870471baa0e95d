// A named moment at which a process kills itself: armed by a test through a file, because the process is another one.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface KillPoint {
  readonly point: string;
  /** How often the point is reached until it kills; 1 is the first time. */
  readonly hits: number;
}

/** A death at a point: who, and when by the clock of the machine. */
export interface FiredPoint {
  readonly point: string;
  readonly pid: number;
  readonly atMs: number;
}

const FOLDER = 'run';
const armedFile = (dataDirectory: string): string => join(dataDirectory, FOLDER, 'kill-point.json');
const firedFile = (dataDirectory: string): string => join(dataDirectory, FOLDER, 'kill-point-fired.json');

/** Arms the point; one that was armed before and one that has fired are forgotten. */
export function armKillPoint(dataDirectory: string, { point, hits }: KillPoint): void {
  mkdirSync(join(dataDirectory, FOLDER), { recursive: true });
  rmSync(firedFile(dataDirectory), { force: true });
  const unfinished = `${armedFile(dataDirectory)}.tmp`;
  writeFileSync(unfinished, JSON.stringify({ point, hits }));
  renameSync(unfinished, armedFile(dataDirectory));
}

export function disarmKillPoint(dataDirectory: string): void {
  rmSync(armedFile(dataDirectory), { force: true });
}

/** The death that the armed point brought, or null until then. */
export function firedKillPoint(dataDirectory: string): FiredPoint | null {
  return readJson<FiredPoint>(firedFile(dataDirectory));
}

/** Inside the process that may die. */
export class KillSwitch {
  readonly #dataDirectory: string;
  readonly #reached = new Map<string, number>();

  constructor(dataDirectory: string) {
    this.#dataDirectory = dataDirectory;
  }

  /** Does not return when the point is armed and its last hit is this one: no clean-up of any kind runs. */
  reached(point: string): void {
    const armed = readJson<KillPoint>(armedFile(this.#dataDirectory));
    if (armed?.point !== point) return;
    const hits = (this.#reached.get(point) ?? 0) + 1;
    this.#reached.set(point, hits);
    if (hits < armed.hits) return;
    const fired: FiredPoint = { point, pid: process.pid, atMs: Date.now() };
    writeFileSync(`${firedFile(this.#dataDirectory)}.tmp`, JSON.stringify(fired));
    renameSync(`${firedFile(this.#dataDirectory)}.tmp`, firedFile(this.#dataDirectory));
    disarmKillPoint(this.#dataDirectory);
    process.kill(process.pid, 'SIGKILL');
  }
}

function readJson<T>(file: string): T | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch {
    return null;
  }
}
