// What tests need of the machine. The module that starts a real server says so where it is imported; without the component
// the whole file is a visible skip with the reason, and in CI a failure, because there a skip would pass for a proof.

/** Throws, with what was looked for, when the component is not there. */
export type Probe = () => unknown;

const REGISTRY = Symbol.for('sluice.test.needs');
type Holder = { [REGISTRY]?: Map<string, Probe> };

// Vitest loads its runner and the tests' modules apart from each other: only the global object is shared.
const registry = (): Map<string, Probe> => ((globalThis as Holder)[REGISTRY] ??= new Map());

/** The test file that imports the calling module needs `component`. */
export function needs(component: string, probe: Probe): void {
  registry().set(component, probe);
}

/** Each needed component that is missing, with the reason. */
export function missingComponents(): string[] {
  return [...registry()].flatMap(([component, probe]) => {
    try {
      probe();
      return [];
    } catch (error) {
      return [`needs ${component}: ${error instanceof Error ? error.message : String(error)}`];
    }
  });
}
