/** A program that fails when something is wrong, run at the root of the repository. */
export interface Check {
  readonly name: string;
  /** What to do about a failure, when the program itself does not say. */
  readonly hint?: string;
  readonly program: string;
  readonly args: readonly string[];
}

export const CHECKS: readonly Check[] = [
  {
    name: 'format and lint',
    hint: 'npx biome check --write',
    program: 'biome',
    args: ['ci', '--colors=off', '--error-on-warnings'],
  },
  { name: 'type-aware lint', program: 'oxlint', args: ['--type-aware', '--deny-warnings'] },
  { name: 'types', program: 'tsc', args: ['-p', '.'] },
  { name: 'data plane as Lua', program: 'tsx', args: ['tools/check/data-plane.ts'] },
  {
    name: 'import table',
    hint: 'CONTRIBUTING.md, "Import table"',
    program: 'depcruise',
    args: ['--config', '.dependency-cruiser.cjs', '--output-type', 'err', '.'],
  },
  { name: 'unused code', program: 'knip', args: ['--no-progress'] },
  { name: 'names', program: 'tsx', args: ['tools/check/names.ts'] },
  { name: 'generated files', hint: 'npm run gen', program: 'tsx', args: ['tools/gen/main.ts', '--check'] },
];
