import { expect, test } from 'vitest';
import { stagingReplacements } from './go-program.ts';

test('modules under staging are replaced by the published ones', () => {
  const goMod =
    'module a\n\nreplace (\n\tk8s.io/api => ./staging/src/k8s.io/api\n\tother => ../other\n)\nreplace k8s.io/x => ./staging/x\n';
  expect(stagingReplacements(goMod, 'v0.33.1')).toEqual([
    'replace k8s.io/api => k8s.io/api v0.33.1',
    'replace k8s.io/x => k8s.io/x v0.33.1',
  ]);
});
