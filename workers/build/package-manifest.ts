/** The folders that are shipped. */
export const LAYERS = ['workflows', 'activities', 'workers', 'client'] as const;

/** Files of the root that a package has too. */
export const ALSO_PACKED = ['README.md', 'CHANGELOG.md', 'LICENSE', 'temporal-dev.yml'] as const;

/** What the package takes over from the package.json of the sources. */
const KEPT = [
  'name',
  'version',
  'description',
  'license',
  'type',
  'private',
  'engines',
  'bin',
  'dependencies',
] as const;

export type SourceManifest = Readonly<Record<(typeof KEPT)[number], unknown>> & {
  readonly bin: Readonly<Record<string, string>>;
};

/**
 * The package.json of the built package: without scripts and development, with `#domain/…` leading to JavaScript. Sources
 * name `#domain/x.ts`, and the compiler rewrites only relative imports.
 */
export function packageManifest(source: SourceManifest): SourceManifest & { readonly files: readonly string[] } {
  const kept = Object.fromEntries(KEPT.map((key) => [key, source[key]])) as SourceManifest;
  const imports = { '#domain/*.ts': './workflows/domain/*.js' };
  return Object.assign(kept, { imports, files: [...LAYERS, ...ALSO_PACKED] });
}
