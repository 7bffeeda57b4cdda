import { afterAll, beforeAll, describe, test } from 'vitest';
import { Lab } from './lab.ts';
import { addRules, expectMatch, type Match, to } from './matching.ts';

let lab: Lab;
let port: number;

beforeAll(async () => {
  lab = await Lab.start(['named', 'wildcard', 'dotted', 'pattern', 'start']);
  port = await lab.open('web');
  await addRules(lab, 'web', {
    named: to('named', { type: 'HOST', values: [['IN', 'a.com', 'B.com']] }),
    wildcard: to('wildcard', { type: 'HOST', values: [['ENDS_WITH', '*.app.com']] }),
    dotted: to('dotted', { type: 'HOST', values: [['ENDS_WITH', '.dot.com']] }),
    pattern: to('pattern', { type: 'HOST', values: [['REGEX', '^v[0-9]+\\.example$']] }),
    start: to('start', { type: 'HOST', values: [['STARTS_WITH', 'start.']] }),
  });
});
afterAll(() => lab.stop());

describe('ALB-07 HOST and wildcard', () => {
  const cases: readonly Match[] = [
    { name: 'case and port do not count', host: 'A.com:8080', want: 'named' },
    { name: 'nor does the case of the operand', host: 'b.com', want: 'named' },
    { name: 'another host', host: 'c.com', want: 404 },
    { name: 'ENDS_WITH *.app.com: one label', host: 'a.app.com', want: 'wildcard' },
    { name: 'ENDS_WITH *.app.com: no label', host: 'app.com', want: 404 },
    { name: 'ENDS_WITH *.app.com: two labels', host: 'a.b.app.com', want: 404 },
    { name: 'ENDS_WITH .dot.com: one label', host: 'a.dot.com', want: 'dotted' },
    { name: 'ENDS_WITH .dot.com: another domain that ends alike', host: 'xdot.com', want: 404 },
    { name: 'REGEX', host: 'V12.example', want: 'pattern' },
    { name: 'REGEX that does not match', host: 'v.example', want: 404 },
    { name: 'STARTS_WITH', host: 'start.anything', want: 'start' },
  ];
  test.each(cases)('$name', (match) => expectMatch(port, match));
});
