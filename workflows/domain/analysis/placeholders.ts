import type { Provider } from './analysis.ts';

// `{{args.name}}` in the texts of a template, as Argo Rollouts writes it.

export const ARGUMENT_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
const PLACEHOLDER = /\{\{\s*args\.([A-Za-z][A-Za-z0-9_-]{0,63})\s*\}\}/g;

/** Arguments that differ between the two versions: given when a value is asked for, never by a file. */
export const ARM_ARGUMENTS = ['version', 'arm'] as const;

/** One of the two versions that are compared. */
export interface Arm {
  readonly arm: 'experiment' | 'control';
  readonly version: string;
}

/** The arguments that `text` asks for, each once. */
export const placeholdersIn = (text: string): string[] => [
  ...new Set([...text.matchAll(PLACEHOLDER)].map(([, name = '']) => name)),
];

/** Braces that are no placeholder, through a slip in writing one, would be sent as they are. */
export const holdsBrokenPlaceholder = (text: string): boolean => text.replaceAll(PLACEHOLDER, '').includes('{{');

/** `text` with the given arguments in their places; what is not given stays. Values are not looked into again. */
export const filled = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replaceAll(PLACEHOLDER, (written, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? '') : written,
  );

/** What to ask for one version: `{{args.version}}` and `{{args.arm}}` in their places. */
export function forArm(provider: Provider, { arm, version }: Arm): Provider {
  return filledProvider(provider, { arm, version });
}

/** The provider with the given arguments in all its texts. */
export function filledProvider(provider: Provider, values: Readonly<Record<string, string>>): Provider {
  switch (provider.type) {
    case 'prometheus':
      return { ...provider, address: filled(provider.address, values), query: filled(provider.query, values) };
    case 'http_json':
      return { ...provider, url: filled(provider.url, values), jsonPath: filled(provider.jsonPath, values) };
    case 'haproxy':
    case 'container_stats':
      return provider;
  }
}
