import { defineConfig } from 'vitest/config';

/**
 * Two projects, run one after the other. `unit`: tests next to the code, in
 * parallel. `system`: whatever starts programs of ours (`test/`), one file at a
 * time, since those files share the machine's privileged ports and are timed by
 * nothing but their own deadlines.
 */
const exclude = ['**/node_modules/**', 'dist/**'];

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    passWithNoTests: true,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...exclude, 'test/**'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'system',
          include: ['test/**/*.test.ts'],
          exclude,
          testTimeout: 120_000,
          hookTimeout: 180_000,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
