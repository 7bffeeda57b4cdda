import { defineConfig } from 'vitest/config';

/**
 * Three projects, run one after the other. `unit`: tests next to the code, in
 * parallel. `checks`: the checks of the spec, each with an installation of its own
 * on ports of its own, and what needs no port of the machine, two at a time. `system`: whatever else starts programs of
 * ours (`test/`), one file at a time, since those files share the machine's
 * well-known ports and addresses, or measure.
 */
const exclude = ['**/node_modules/**', 'dist/**'];
const checks = ['test/{alb,ingress-nginx,security,kubectl,rule-language,golden}/**/*.test.ts'];
const alone = [
  'test/alb/alb-{60,122,123,125,129,135,136,139}-*.test.ts',
  'test/alb/alb-{55,96}-*.test.ts',
  'test/alb/ingress-burst.test.ts',
  'test/alb/lim-{11,20}-*.test.ts',
  'test/ingress-nginx/in-14-*.test.ts',
];

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
          name: 'checks',
          include: checks,
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
          include: ['test/!(alb|ingress-nginx|security|kubectl|rule-language|golden)/**/*.test.ts', ...alone],
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
