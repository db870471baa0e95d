// What `npm test` was asked to run, and how its results are counted.

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export function add(a: Counts, b: Counts): Counts {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

const PROJECTS = ['unit', 'architecture', 'integration', 'crash'] as const;

export interface TestRequest {
  readonly checks: boolean;
  readonly projects: readonly string[];
  readonly forVitest: readonly string[];
}

/** Names select; without a name all is run, and with a path or option only vitest can be meant. */
export function parseArguments(args: readonly string[]): TestRequest {
  const named = PROJECTS.filter((project) => args.includes(project));
  const forVitest = args.filter((arg) => arg !== 'check' && !PROJECTS.some((project) => project === arg));
  const onlyCheck = args.includes('check') && named.length === 0 && forVitest.length === 0;
  return {
    checks: args.length === 0 || args.includes('check'),
    projects: named.length > 0 ? named : onlyCheck ? [] : PROJECTS,
    forVitest,
  };
}

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/**
 * Counts of vitest's JSON report. A file that failed without a failed test (it did not load, nothing could be set up for
 * it) counts as one failure, and so does an exit code that the report does not explain (no report, an error outside any
 * test).
 */
export function countResults(report: string | null, exitCode: number): Counts {
  if (report === null) return { passed: 0, failed: 1, skipped: 0 };
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(report) as Report;
  const unplayed = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((one) => one.status === 'failed'),
  ).length;
  const failed = numFailedTests + unplayed;
  return {
    passed: numPassedTests,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: numPendingTests + numTodoTests,
  };
}
