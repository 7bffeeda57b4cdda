import { expect, test } from 'vitest';
import { refusals } from './configuration.ts';

const BIND = 'bind() to 127.0.0.1:80 failed (98: Address already in use)';

test.each([
  ['the master', `2026/11/22 18:00:00 [emerg] 100#100: ${BIND}`, [BIND]],
  ['nginx before it has a log', `nginx: [emerg] ${BIND}`, [BIND]],
  ['a worker, which has no memory for a line', '2026/11/22 18:00:00 [emerg] 101#101: *5052 malloc(9) failed', []],
  ['a lesser line of the master', '2026/11/22 18:00:00 [alert] 100#100: worker process 101 exited', []],
])('a configuration is refused by lines of the master: %s', (_who, line, wanted) => {
  expect(refusals(`${line}\n`, 100)).toEqual(wanted);
});
