import { expect, test } from 'vitest';
import { badNames } from './bad-names.ts';

const cases = [
  { file: 'targets/nginx/util.ts', bad: true },
  { file: 'targets/utils/pool.ts', bad: true },
  { file: 'common/a.ts', bad: true },
  { file: 'apis/shared.test.ts', bad: true },
  { file: 'controllers/route-manager.ts', bad: true },
  { file: 'misc/README.md', bad: true },
  { file: 'targets/nginx/utilization.ts', bad: false },
  { file: 'dataplane/http/shared-dict.ts', bad: false },
  { file: '.gitignore', bad: false },
];
for (const c of cases) {
  test(`${c.file} is ${c.bad ? 'refused' : 'fine'}`, () => expect(badNames([c.file])).toEqual(c.bad ? [c.file] : []));
}
