// A whole stack on free ports and in a folder of its own whose processes a test may kill, and the deps to drive it.
import { spawn, type ChildProcess } from 'node:child_process';
import { cpSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createPool, type Pool } from '../../../activities/adapters/postgres/pool.ts';
import { createEngineDeps } from '../../../client/engine/deps.ts';
import type { EngineDeps } from '../../../client/engine/engine.ts';
import { PORT_OPTIONS, readSettings, type PortName } from '../../../client/engine/settings.ts';
import { PART_NAMES, type PartName } from '../../../client/engine/stack/part-names.ts';
import { liveRecord } from '../../../client/engine/stack/run-records.ts';
import { eventually } from '../eventually.ts';
import { kill, killMarked, killMarkedOnce } from '../servers/marked-processes.ts';
import type { TempFolder } from '../servers/temp-folder.ts';
import { USUAL_PARTS } from '../servers/usual-parts.ts';
import { needsWholeStack } from '../servers/whole-stack.ts';
import { KillPoints } from './kill-point.ts';
import { WORLD_MARK } from './world-mark.ts';
import { stackEvents } from './stack-log.ts';
import { UpProcess } from './up-process.ts';

needsWholeStack();

/** A part, the supervisor, or all processes of the stack in one moment. */
export type Victim = PartName | 'up' | 'everything';

const KEEPER = fileURLToPath(new URL('./keeper.ts', import.meta.url));
const BACK_DEADLINE_MS = 120_000;

/** How many free ports one takes. */
export const STACK_PORTS = Object.keys(PORT_OPTIONS).length;

export class KillableStack {
  readonly dataDirectory: string;
  readonly env: NodeJS.ProcessEnv;
  readonly deps: EngineDeps;
  /** For looking: it outlives every restart of PostgreSQL. */
  readonly pool: Pool;
  readonly points: KillPoints;
  protected readonly folder: TempFolder;
  readonly #keeper: ChildProcess;
  readonly #onExit: () => void;
  #up: UpProcess | undefined;

  protected constructor(folder: TempFolder, ports: readonly number[], extra: NodeJS.ProcessEnv = {}) {
    this.folder = folder;
    const root = realpathSync(folder.path);
    this.dataDirectory = join(root, 'data');
    const names = Object.keys(PORT_OPTIONS) as PortName[];
    const given = names.map((name, at) => [PORT_OPTIONS[name].variable, String(ports[at])]);
    this.env = {
      ...process.env,
      ...extra,
      ...(Object.fromEntries(given) as Record<string, string>),
      SLUICE_DATA_DIR: this.dataDirectory,
      [WORLD_MARK]: folder.path,
    };
    const settings = readSettings(this.env);
    this.deps = createEngineDeps(settings);
    this.pool = createPool(settings.databaseUrl, 4);
    this.points = new KillPoints(this.dataDirectory);
    this.#keeper = spawn(process.execPath, [KEEPER, String(process.pid), folder.path], {
      stdio: 'ignore',
      detached: true,
    });
    this.#keeper.unref();
    this.#onExit = () => void killMarkedOnce(WORLD_MARK, folder.path);
    process.on('exit', this.#onExit);
  }

  /** Starts `sluice up`; resolves when every part is ready. */
  async startUp(): Promise<void> {
    this.#up = new UpProcess(this.env);
    await this.#up.ready;
  }

  /** True while `sluice up` runs. */
  get isUp(): boolean {
    return this.#up !== undefined && !this.#up.hasEnded;
  }

  /**
   * SIGKILL: to a part's process of this moment, which is started again; to the supervisor, whose parts run on alone; or to
   * all of them. Throws when the part does not run.
   */
  async kill(victim: Victim): Promise<void> {
    if (victim === 'everything') return this.#killEverything();
    if (victim === 'up') return this.#up?.kill();
    const record = liveRecord(this.dataDirectory, victim);
    if (!record) throw new Error(`${victim} does not run`);
    kill(record.pid);
  }

  /** Runs `work` while nobody is started again. */
  async withoutRestarts<T>(work: () => Promise<T>): Promise<T> {
    this.#up?.signal('SIGSTOP');
    try {
      return await work();
    } finally {
      this.#up?.signal('SIGCONT');
    }
  }

  /** The supervisor first: nobody is started again. */
  async #killEverything(): Promise<void> {
    const gone = this.#up?.kill();
    for (const part of PART_NAMES) {
      const record = liveRecord(this.dataDirectory, part);
      if (record) kill(record.pid);
    }
    await gone;
  }

  /** Resolves when a part that ended at or after `sinceMs` is ready again, with when that was. */
  untilBack(part: PartName, sinceMs: number): Promise<number> {
    return eventually(() => {
      const ready = stackEvents(this.dataDirectory, sinceMs).find((one) => one.kind === 'ready' && one.part === part);
      if (!ready) throw new Error(`${part} is not back`);
      return ready.atMs;
    }, BACK_DEADLINE_MS);
  }

  /** Resolves when no part is down: of each the last that was said is that it is ready. */
  async untilWell(): Promise<void> {
    await eventually(() => {
      if (!this.isUp) throw new Error('sluice up does not run');
      const events = stackEvents(this.dataDirectory, 0);
      const down = USUAL_PARTS.filter((part) => events.findLast((one) => one.part === part)?.kind !== 'ready');
      if (down.length > 0) throw new Error(`${down.join(', ')} not ready`);
    }, BACK_DEADLINE_MS);
  }

  /** Ends everything, whatever the test did. */
  async close(): Promise<void> {
    await this.#up?.stop();
    await killMarked(WORLD_MARK, this.folder.path);
    await this.deps.close().catch(() => undefined);
    await this.pool.end();
    this.#keeper.kill('SIGKILL');
    process.removeListener('exit', this.#onExit);
    this.#keepLogs();
    this.folder.remove();
  }

  /** Into the folder that SLUICE_CRASH_LOGS names, for people who look for a cause. */
  #keepLogs(): void {
    const folder = process.env['SLUICE_CRASH_LOGS'];
    if (folder !== undefined) cpSync(join(this.dataDirectory, 'logs'), folder, { recursive: true });
  }
}
