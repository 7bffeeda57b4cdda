import { afterAll, beforeAll, describe, test } from 'vitest';
import { Lab } from './lab.ts';
import { addRules, expectMatch, type Match, startsWith, type Term, to } from './matching.ts';

let lab: Lab;
let port: number;

beforeAll(async () => {
  lab = await Lab.start(['wildcard', 'host', 'path', 'host-path', 'host-exact']);
  port = await lab.open('web');
  const host: Term = { type: 'HOST', values: [['EQ', 'a.app.com']] };
  await addRules(lab, 'web', {
    wildcard: to('wildcard', { type: 'HOST', values: [['ENDS_WITH', '*.app.com']] }, startsWith('/')),
    host: to('host', host, startsWith('/')),
    path: to('path', startsWith('/long/path')),
    'host-path': to('host-path', host, startsWith('/long')),
    'host-exact': to('host-exact', host, { type: 'URL', values: [['EQ', '/long/x']] }),
  });
});
afterAll(() => lab.stop());

describe('ALB-12 complexity', () => {
  const cases: readonly Match[] = [
    { name: 'exact path before prefix', host: 'a.app.com', path: '/long/x', want: 'host-exact' },
    { name: 'longer prefix before shorter', host: 'a.app.com', path: '/long/y', want: 'host-path' },
    { name: 'exact host', host: 'a.app.com', path: '/z', want: 'host' },
    { name: 'wildcard host before path alone', host: 'b.app.com', path: '/long/path', want: 'wildcard' },
    { name: 'path alone', host: 'c.org', path: '/long/path', want: 'path' },
    { name: 'none', host: 'c.org', path: '/z', want: 404 },
  ];
  test.each(cases)('$name: $host$path', (match) => expectMatch(port, match));
});
