import { defineConfig } from 'vitest/config';

const everywhere = {
  environment: 'node',
  // Temporal's native core does not survive worker threads: segmentation faults.
  pool: 'forks',
} as const;

/** Skips, or in CI fails, the files whose servers this machine lacks. */
const requiring = { runner: './test/support/requires.runner.ts' } as const;

/** Real servers and their clients share the machine: more files at once only make deadlines pass. */
const HEAVY_FILES_AT_ONCE = 2;

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...everywhere,
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          testTimeout: 10_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...everywhere,
          name: 'architecture',
          include: ['test/architecture/**/*.test.ts'],
          testTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...everywhere,
          ...requiring,
          name: 'integration',
          include: ['test/{workflow,conformance,component,replay,e2e}/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: HEAVY_FILES_AT_ONCE,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // Kills processes and measures how long the rest takes to notice: alone on the machine.
        test: {
          ...everywhere,
          ...requiring,
          name: 'crash',
          include: ['test/crash/**/*.test.ts'],
          testTimeout: 900_000,
          hookTimeout: 120_000,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
