import { describe, expect, it } from 'vitest';
import { countResults, parseArguments } from '../../summary.ts';

const report = (counts: object, testResults: object[] = []) =>
  JSON.stringify({ numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults, ...counts });

describe('the count of a test run', () => {
  it('is that of the report', () => {
    const counts = report({ numPassedTests: 7, numFailedTests: 2, numPendingTests: 1, numTodoTests: 1 });
    expect(countResults(counts, 1)).toEqual({ passed: 7, failed: 2, skipped: 2 });
  });

  it('has a failure for each file that did not load', () => {
    const counts = report({ numPassedTests: 7 }, [
      { status: 'failed', assertionResults: [] },
      { status: 'passed', assertionResults: [{ status: 'passed' }] },
    ]);
    expect(countResults(counts, 1)).toEqual({ passed: 7, failed: 1, skipped: 0 });
  });

  it('has a failure for each file for which nothing could be set up, and one for each test that failed', () => {
    const counts = report({ numPassedTests: 7, numFailedTests: 1, numPendingTests: 2 }, [
      { status: 'failed', assertionResults: [{ status: 'skipped' }, { status: 'skipped' }] },
      { status: 'failed', assertionResults: [{ status: 'failed' }, { status: 'passed' }] },
    ]);
    expect(countResults(counts, 1)).toEqual({ passed: 7, failed: 2, skipped: 2 });
  });

  it('has a failure when the run failed and no test did', () => {
    expect(countResults(report({ numPassedTests: 7 }), 1)).toEqual({ passed: 7, failed: 1, skipped: 0 });
  });

  it('has a failure when there is no report', () => {
    expect(countResults(null, 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});

describe('the arguments of npm test', () => {
  const all = ['unit', 'architecture', 'integration', 'crash'];

  it.each([
    { args: [], checks: true, projects: all, forVitest: [] },
    { args: ['unit'], checks: false, projects: ['unit'], forVitest: [] },
    { args: ['check'], checks: true, projects: [], forVitest: [] },
    { args: ['check', 'unit'], checks: true, projects: ['unit'], forVitest: [] },
    { args: ['test/unit/a.test.ts'], checks: false, projects: all, forVitest: ['test/unit/a.test.ts'] },
    { args: ['unit', '-t', 'waves'], checks: false, projects: ['unit'], forVitest: ['-t', 'waves'] },
  ])('$args', ({ args, ...request }) => {
    expect(parseArguments(args)).toEqual(request);
  });
});
