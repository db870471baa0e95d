// Vitest's runner, with a look at what the loaded test file needs before any of its hooks and tests run.
import { TestRunner, type RunnerTestFile, type RunnerTestSuite } from 'vitest';
import { missingComponents } from './requires.ts';

const NO_HOOKS = { beforeAll: [], afterAll: [], beforeEach: [], afterEach: [], aroundAll: [] };

export default class RequiringRunner extends TestRunner {
  onBeforeRunFiles(files: RunnerTestFile[]): void {
    const missing = missingComponents();
    if (missing.length === 0) return;
    const reason = missing.join('; ');
    for (const file of files) {
      if (process.env['CI'] === 'true') fail(file, `a component is missing that CI has to have: ${reason}`);
      else skipAll(file, reason);
    }
  }
}

function fail(file: RunnerTestFile, message: string): void {
  file.result = { state: 'fail', errors: [{ name: 'Error', message, stack: message }] };
}

function skipAll(suite: RunnerTestSuite, note: string): void {
  Object.assign(TestRunner.getSuiteHooks(suite), NO_HOOKS);
  for (const task of suite.tasks) {
    if (task.type === 'suite') skipAll(task, note);
    else {
      const result = { state: 'skip', note } as const;
      Object.assign(task, { mode: 'skip', result });
    }
  }
}
