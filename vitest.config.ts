import { defineConfig } from 'vitest/config';

/**
 * Three projects, run one after the other. `unit`: tests next to the code, in parallel. `checks`: the checks of the spec and
 * whatever else starts programs of ours on ports of its own, two at a time; most share an installation. `system`: what needs
 * the machine's well-known ports and addresses, or measures, one file at a time.
 */
const exclude = ['**/node_modules/**', 'dist/**'];
const alone = [
  'test/alb/alb-{55,122,123,125,129,135,139}-*.test.ts',
  'test/alb/ingress-burst.test.ts',
  'test/{launcher,soak}/*.test.ts',
  'test/acceptance/scale.test.ts',
];

export default defineConfig({
  test: {
    pool: 'forks',
    // A worker keeps the modules it has loaded: loading them anew for each file takes half of the runner's time.
    isolate: false,
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
          name: 'checks',
          globalSetup: 'test/acceptance/shared-installations.ts',
          include: ['test/**/*.test.ts'],
          exclude: [...exclude, ...alone],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'system',
          include: alone,
          exclude,
          testTimeout: 120_000,
          hookTimeout: 180_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
