import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MILK } from '../../../client/cli/milk/main.ts';
import { buildProgram } from '../../../client/cli/program.ts';
import { toSluiceError } from '../../../client/cli/errors.ts';
import type { CliContext } from '../../../client/cli/context.ts';
import type { EngineDeps } from '../../../client/engine/engine.ts';
import { applyConfiguration } from '../../../client/engine/environments/apply-configuration.ts';
import type { SluiceError } from '#domain/errors/failure.ts';
import { openTestEngine, type TestEngine } from '../registry/test-engine.ts';
import { playContainers, type PlayedContainers } from './played-containers.ts';

export interface Said {
  readonly exitCode: number;
  /** The documents that were printed. */
  readonly documents: readonly Record<string, unknown>[];
  readonly notes: readonly string[];
  readonly error: SluiceError | null;
}

/** The commands of `milk` on a real database, with containers that are played. */
export interface MilkWorld extends TestEngine {
  readonly played: PlayedContainers;
  apply(yaml: string): ReturnType<typeof applyConfiguration>;
  /** The commands read this file from now on. */
  write(toml: string): void;
  milk(...words: string[]): Promise<Said>;
}

export async function openMilkWorld(): Promise<MilkWorld> {
  const engine = await openTestEngine();
  const { settings } = engine.deps;
  const played = playContainers(() => engine.deps.database());
  const deps: EngineDeps = {
    settings,
    database: () => engine.deps.database(),
    dataDirectory: () => engine.deps.dataDirectory(),
    temporal: played.temporal,
    containers: played.containers,
    close: async () => undefined,
  };
  const file = join(engine.folder, 'milkbottle.toml');
  return {
    ...engine,
    played,
    apply: (content) => applyConfiguration(engine.deps, { file: { content, name: 'config.yaml' }, by: 'lin' }),
    write: (toml) => writeFileSync(file, toml),
    milk: (...words) => runMilk(deps, ['deployment', ...words, '--config', file]),
  };
}

async function runMilk(deps: EngineDeps, words: readonly string[]): Promise<Said> {
  const said = { exitCode: 0, documents: [] as Record<string, unknown>[], notes: [] as string[] };
  const print = (data: unknown): void => void said.documents.push(data as Record<string, unknown>);
  const context: CliContext = {
    settings: deps.settings,
    output: 'json',
    colour: false,
    interactive: false,
    dialogue: () => null,
    deps: () => deps,
    person: async () => ({ name: 'lin', roles: [], verified: false }),
    print,
    stream: print,
    note: (line) => void said.notes.push(line),
    exitWith: (code) => void (said.exitCode = code),
  };
  const silent = { write: () => undefined };
  const terminal = { stdout: silent, stderr: silent, env: {} };
  try {
    const program = buildProgram(MILK.features, () => context, terminal, MILK.program);
    await program.parseAsync(words, { from: 'user' });
    return { ...said, error: null };
  } catch (error) {
    const failure = toSluiceError(error);
    return { ...said, exitCode: failure.exitCode, error: failure };
  }
}
