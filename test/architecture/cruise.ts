// dependency-cruiser as this project uses it. It ends with code 0 when it understood no file at all (that happened with
// a compiler it did not know), so how much it saw is judged too.
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { cruise } from 'dependency-cruiser';
import type { ICruiseOptions, ICruiseResult, IFlattenedRuleSet } from 'dependency-cruiser';

export const LAYERS = ['workflows', 'activities', 'workers', 'client', 'test'] as const;

const root = join(import.meta.dirname, '../..');

interface RuleFile {
  readonly forbidden: NonNullable<IFlattenedRuleSet['forbidden']>;
  readonly options: ICruiseOptions;
}

const rules = createRequire(import.meta.url)(join(root, '.dependency-cruiser.cjs')) as RuleFile;

export const ARROW_RULES: readonly string[] = rules.forbidden.map(({ name }) => String(name));

export interface Violation {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
}

/** What the project's rules say about the layers in `folder`. */
export async function cruiseFolder(folder: string): Promise<{ modules: number; violations: Violation[] }> {
  const options = { ...rules.options, baseDir: folder, validate: true, ruleSet: { forbidden: rules.forbidden } };
  const { output } = await cruise(layersOf(folder), options);
  const { summary } = output as ICruiseResult;
  const violations = summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to }));
  return { modules: summary.totalCruised, violations };
}

/** Why a run that found nothing forbidden proves nothing, or null when it saw at least `sources` modules. */
export function judgeCruise(report: string, sources: number): string | null {
  const modules = Number(/(\d+) modules/.exec(report)?.[1] ?? 0);
  return modules >= sources ? null : `only ${modules} modules cruised of ${sources} source files\n${report.trim()}`;
}

/** Number of source files in the layers below `folder`, fixtures apart. */
export function countSources(folder: string): number {
  const all = layersOf(folder).flatMap((layer) =>
    readdirSync(join(folder, layer), { recursive: true, encoding: 'utf8' }),
  );
  return all.filter((file) => /\.(ts|mjs)$/.test(file) && !file.startsWith('architecture/fixtures/')).length;
}

function layersOf(folder: string): string[] {
  return LAYERS.filter((layer) => existsSync(join(folder, layer)));
}
