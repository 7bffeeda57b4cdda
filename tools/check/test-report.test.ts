import { expect, test } from 'vitest';
import { failedFiles } from './test-report.ts';

test('files that failed, with what each failed test said first; a file that did not load says why', () => {
  const report = {
    testResults: [
      { name: '/r/test/a.test.ts', status: 'passed', message: '', assertionResults: [] },
      {
        ...{ name: '/r/test/b.test.ts', status: 'failed', message: '' },
        assertionResults: [
          { fullName: 'b works', status: 'passed', failureMessages: [] },
          { fullName: 'b fails', status: 'failed', failureMessages: ['expected 1 to be 2\n    at b.test.ts:3'] },
        ],
      },
      { name: '/r/c.test.ts', status: 'failed', message: 'no such module\nstack', assertionResults: [] },
    ],
  };
  expect(failedFiles(JSON.stringify(report), '/r')).toEqual([
    { file: 'test/b.test.ts', messages: ['b fails: expected 1 to be 2'] },
    { file: 'c.test.ts', messages: ['no such module'] },
  ]);
});
