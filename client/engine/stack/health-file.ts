// A part without a port of its own says that it is well by a file: run/<part>-health.json.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Iso } from '#domain/time.ts';
import { readJsonFile, runFolder, writeJsonFile } from './run-records.ts';

export interface Health {
  readonly at: Iso;
  readonly pid: number;
  /** Why the part does not do its work although it runs; null when it does. */
  readonly problem: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
}

export type HealthNow = Partial<Pick<Health, 'problem' | 'detail'>>;

const INTERVAL_MS = 2_000;
/** Older than this, a health file says nothing any more. */
const HEALTH_STALE_MS = 10_000;

const healthFile = (dataDirectory: string, part: string): string =>
  join(runFolder(dataDirectory), `${part}-health.json`);

export interface HealthKeeper {
  /** Writes now instead of at the next interval. */
  write(): void;
  /** Ends it and removes the file. */
  stop(): void;
}

/** Writes the part's health now and every 2 s, from the moment on at which it does its work. `look` must be quick. */
export function keepHealthFile(dataDirectory: string, part: string, look: () => HealthNow = () => ({})): HealthKeeper {
  const file = healthFile(dataDirectory, part);
  const write = () => {
    const { problem = null, detail = {} } = look();
    const health: Health = { at: new Date().toISOString(), pid: process.pid, problem, detail };
    try {
      writeJsonFile(file, health);
    } catch {
      // A full disk must not end the part; its health goes stale, which is what people should see then.
    }
  };
  write();
  const timer = setInterval(write, INTERVAL_MS).unref();
  return {
    write,
    stop: () => {
      clearInterval(timer);
      rmSync(file, { force: true });
    },
  };
}

/** The part's last health, null when there is none or it is older than 10 s. */
export function readHealth(dataDirectory: string, part: string): Health | null {
  const health = readJsonFile<Health>(healthFile(dataDirectory, part));
  return health !== null && Date.now() - Date.parse(health.at) <= HEALTH_STALE_MS ? health : null;
}

export function removeHealth(dataDirectory: string, part: string): void {
  rmSync(healthFile(dataDirectory, part), { force: true });
}
