import { expect, test } from 'vitest';
import { logLineText } from './log-text.ts';

const time = Date.UTC(2030, 0, 1, 12, 0, 1, 250);
const cases = [
  {
    name: 'message and fields',
    line: JSON.stringify({ level: 40, time, pid: 7, hostname: 'h', msg: 'port is taken', port: 80, alb: 'a/b' }),
    want: '12:00:01.250 warn  agent: port is taken port=80 alb=a/b',
  },
  {
    name: 'an error',
    line: JSON.stringify({
      level: 50,
      time,
      msg: 'cannot watch',
      err: { type: 'Error', message: 'refused', stack: 's' },
    }),
    want: '12:00:01.250 error agent: cannot watch: refused',
  },
  { name: 'not JSON', line: 'Error: boom', want: 'agent: Error: boom' },
  { name: 'JSON cut off', line: '{"level":30', want: 'agent: {"level":30' },
];
for (const c of cases) {
  test(c.name, () => expect(logLineText(c.line, 'agent')).toBe(c.want));
}
